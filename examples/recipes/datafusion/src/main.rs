//! DataFusion: an aggregate function observes each column of embeddings. Its state is the bytes of the observer, which
//! the engine carries from partition to partition as a BINARY.

mod observe;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::arrow::array::{Array, ArrayRef, FixedSizeListArray, Float32Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::cast::as_binary_array;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use zeropoint::observer::PerChannelMinMaxObserver;
use zeropoint::{Granularity, QParams, Scheme};

const ROWS: usize = 20_000;
const COLUMNS: usize = 32;

/// Returns made-up embeddings. The columns have ranges of different widths.
fn embeddings() -> Vec<f32> {
    let x = |i: usize| {
        let noise = (i.wrapping_mul(0x9e37_79b9) >> 5) % 2001;
        (noise as f32 / 1000.0 - 1.0) * (1 + i % COLUMNS) as f32
    };
    (0..ROWS * COLUMNS).map(x).collect()
}

/// Returns the embeddings as a batch of rows, a list in each.
fn batch(x: &[f32]) -> Result<RecordBatch> {
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    let values: ArrayRef = Arc::new(Float32Array::from(x.to_vec()));
    let lists = FixedSizeListArray::try_new(item, COLUMNS as i32, values, None)?;
    let field = Field::new("embedding", lists.data_type().clone(), false);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![Arc::new(lists)])?)
}

/// Returns the state that the engine finds in a table of `partitions` parts.
async fn observed(x: &[f32], partitions: usize) -> Result<Vec<u8>> {
    let rows = ROWS.div_ceil(partitions);
    let parts = x.chunks(rows * COLUMNS).map(|part| Ok(vec![batch(part)?]));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let table = MemTable::try_new(parts[0][0].schema(), parts)?;
    let context =
        SessionContext::new_with_config(SessionConfig::new().with_target_partitions(partitions));
    context.register_udaf(AggregateUDF::from(observe::Observe::default()));
    context.register_table("data", Arc::new(table))?;
    let results = context.sql("SELECT observe(embedding) FROM data").await?.collect().await?;
    Ok(as_binary_array(results[0].column(0))?.value(0).to_vec())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = embeddings();
    let mut alone = PerChannelMinMaxObserver::<f32>::new();
    alone.observe(Granularity::channel(&[ROWS, COLUMNS], 1)?, &x)?;
    for partitions in [1, 2, 8] {
        observe::MERGED.store(0, Ordering::Relaxed);
        let state = observed(&x, partitions).await?;
        let merged = observe::MERGED.load(Ordering::Relaxed);
        let needed = if partitions > 1 { partitions } else { 0 };
        assert_eq!(merged, needed, "states merged of {partitions} partitions");
        assert_eq!(state, alone.to_bytes(), "{partitions} partitions lead to other bytes");
        let observer = PerChannelMinMaxObserver::<f32>::from_bytes(&state)?;
        let params = observer.observers().iter().map(|column| column.params(Scheme::symmetric()));
        let params = params.collect::<Result<Vec<QParams<f32, i8>>, _>>()?;
        let (first, last) = (params[0].scale(), params[COLUMNS - 1].scale());
        println!(
            "DataFusion, {partitions} partitions: {ROWS} rows, {merged} states merged, scales from {first:.4} to {last:.4}"
        );
    }
    Ok(())
}
