//! As the tests have it.

#[path = "../../tests/common/abi.rs"]
pub(crate) mod abi;
