//! The states of observers from any bytes: each is refused, or is the one form of an observer that works. The same bytes
//! are also calls of the observers of C, beside those of Rust.

use zeropoint::observer::{
    Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{Compute, QParams, Scheme};

/// A state, as each observer of each type of computation.
pub fn run(data: &[u8]) {
    of::<f32>(data);
    of::<f64>(data);
    crate::abi::observers(data);
}

fn of<T: Compute>(data: &[u8]) {
    let (asymmetric, symmetric) = (Scheme::asymmetric(), Scheme::symmetric());
    if let Ok(mut observer) = MinMaxObserver::<T>::from_bytes(data) {
        assert_eq!(observer.to_bytes(), data);
        let before: Result<QParams<T, u8>, _> = observer.params(asymmetric);
        observer.merge(&MinMaxObserver::new());
        assert_eq!(observer.params(asymmetric), before);
    }
    if let Ok(observer) = MovingAverageObserver::<T>::from_bytes(data) {
        assert_eq!(observer.to_bytes(), data);
        let _ = observer.params::<i8>(symmetric);
    }
    if let Ok(mut observer) = PerChannelMinMaxObserver::<T>::from_bytes(data) {
        assert_eq!(observer.to_bytes(), data);
        let slices: Vec<Result<QParams<T, u8>, _>> =
            observer.observers().iter().map(|slice| slice.params(asymmetric)).collect();
        observer.merge(&PerChannelMinMaxObserver::new()).expect("no slices");
        observer.merge(&observer.clone()).expect("as many slices");
        assert_eq!(observer.observers().len(), slices.len());
        assert_eq!(
            PerChannelMinMaxObserver::from_bytes(&observer.to_bytes()).as_ref(),
            Ok(&observer)
        );
    }
    if let Ok(mut observer) = HistogramObserver::<T>::from_bytes(data) {
        assert_eq!(observer.to_bytes(), data);
        for clip in
            [Clip::Percentile(100.0), Clip::Percentile(50.0), Clip::LeastError, Clip::Entropy]
        {
            let _ = observer.params::<i8>(symmetric, clip);
        }
        observer.merge(&observer.clone());
        assert_eq!(HistogramObserver::from_bytes(&observer.to_bytes()).as_ref(), Ok(&observer));
    }
}
