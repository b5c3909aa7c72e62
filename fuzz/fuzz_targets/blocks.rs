#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| zeropoint_fuzz::blocks(data));
