//! Generators of cases: each is a class of calls that tells some contracts apart.

pub(crate) mod decode;
pub(crate) mod dequantize;
pub(crate) mod encode;
mod numbers_of_blocks;
pub(crate) mod packed;
pub(crate) mod params;
pub(crate) mod places;
pub(crate) mod quantize;
pub(crate) mod requantize;
pub(crate) mod values;

use crate::contract::Contract;
use crate::random::Random;

/// One call of a kernel.
#[derive(Clone, Debug)]
pub(crate) struct Call<C: Contract> {
    pub(crate) params: C::Params,
    pub(crate) inputs: Vec<C::Input>,
    /// The number of elements of a buffer that stand before the input, and before the output.
    pub(crate) offset: usize,
    /// Says that the call is made a second time, onto other bytes.
    pub(crate) is_repeated: bool,
}

/// A class of calls, by name.
pub struct Generator<C: Contract> {
    /// The name, as in a report.
    pub name: &'static str,
    /// Says in a sentence which calls the generator makes.
    pub about: &'static str,
    /// Pairs of contracts that give different results in some case of every round.
    pub separates: fn() -> Vec<(C, C)>,
    pub(crate) make: fn(&mut Calls<C>),
}

impl<C: Contract> Clone for Generator<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Contract> Copy for Generator<C> {}

impl<C: Contract> std::fmt::Debug for Generator<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<C: Contract> Generator<C> {
    /// Makes the calls of a seed.
    pub(crate) fn calls(&self, codes: C::Codes, seed: u64) -> Vec<Call<C>> {
        let mut calls = Calls { random: Random::new(seed, self.name), codes, made: Vec::new() };
        (self.make)(&mut calls);
        calls.made
    }

    /// Returns the parameters and the elements of all cases of a seed.
    pub fn cases(&self, codes: C::Codes, seed: u64) -> Vec<(C::Params, C::Input)> {
        let calls = self.calls(codes, seed).into_iter();
        calls.flat_map(|call| call.inputs.into_iter().map(move |x| (call.params, x))).collect()
    }
}

/// The calls that a generator has made so far.
pub(crate) struct Calls<C: Contract> {
    pub(crate) random: Random,
    pub(crate) codes: C::Codes,
    made: Vec<Call<C>>,
}

impl<C: Contract> Calls<C> {
    pub(crate) fn call(&mut self, params: C::Params, inputs: Vec<C::Input>) {
        self.call_at(params, inputs, 0);
    }

    pub(crate) fn call_at(&mut self, params: C::Params, inputs: Vec<C::Input>, offset: usize) {
        self.made.push(Call { params, inputs, offset, is_repeated: false });
    }

    pub(crate) fn call_twice(&mut self, params: C::Params, inputs: Vec<C::Input>) {
        self.made.push(Call { params, inputs, offset: 0, is_repeated: true });
    }
}
