//! The aggregate function `observe`.

use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float32Type};
use datafusion::common::cast::{as_binary_array, as_fixed_size_list_array};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use zeropoint::Granularity;
use zeropoint::observer::PerChannelMinMaxObserver;

/// The number of states that `merge_batch` has merged: without it, a plan that never merges would pass the recipe.
pub static MERGED: AtomicUsize = AtomicUsize::new(0);

/// Observes each column of lists of floats: `observe(embedding)` is the state of a [`PerChannelMinMaxObserver`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Observe(Signature);

impl Default for Observe {
    fn default() -> Self {
        Self(Signature::any(1, Volatility::Immutable))
    }
}

impl AggregateUDFImpl for Observe {
    fn name(&self) -> &str {
        "observe"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match &arguments[0] {
            DataType::FixedSizeList(item, _) if *item.data_type() == DataType::Float32 => {
                Ok(DataType::Binary)
            }
            other => plan_err!("observe takes FixedSizeList(Float32), not {other}"),
        }
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Field::new(format!("{}[state]", arguments.name), DataType::Binary, false).into()])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(State::default()))
    }
}

/// The state of a partition, or of several.
#[derive(Debug, Default)]
struct State(PerChannelMinMaxObserver<f32>);

fn external(error: zeropoint::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl Accumulator for State {
    fn update_batch(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        let lists = as_fixed_size_list_array(&arguments[0])?;
        if lists.null_count() + lists.values().null_count() > 0 {
            return exec_err!("observe refuses nulls");
        }
        let (rows, columns) = (lists.len(), lists.value_length() as usize);
        // A slice of an array keeps the values of all rows.
        let first = lists.value_offset(0) as usize;
        let values = lists.values().as_primitive::<Float32Type>().values();
        let granularity = Granularity::channel(&[rows, columns], 1).map_err(external)?;
        self.0.observe(granularity, &values[first..first + rows * columns]).map_err(external)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for state in as_binary_array(&states[0])?.iter().flatten() {
            let other = PerChannelMinMaxObserver::from_bytes(state).map_err(external)?;
            self.0.merge(&other).map_err(external)?;
            MERGED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Binary(Some(self.0.to_bytes())))
    }

    fn size(&self) -> usize {
        size_of_val(self) + size_of_val(self.0.observers())
    }
}
