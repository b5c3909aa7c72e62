//! Calls in pieces: a result must not depend on how a tensor is cut.

use crate::contract::Contract;
use crate::generators::Call;
use crate::observe::{Fault, Kernel, Outcome};

/// Calls that were made whole, and then in pieces.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Pieces {
    /// The number of these calls.
    pub calls: usize,
    /// The number of calls of which some result was another one in pieces.
    pub differing: usize,
    /// The shortest call whose results differ.
    pub example: Option<Cut>,
}

/// A call whose results differ in pieces.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Cut {
    /// The number of elements, or other units.
    pub len: usize,
    /// The numbers of the elements at which pieces begin, but for the first one.
    pub at: Vec<usize>,
    /// The number of the element that differs.
    pub index: usize,
    /// Its result in the whole call.
    pub whole: String,
    /// Its result in pieces.
    pub in_pieces: String,
}

/// Lengths of first and second pieces: odd ones first, so that hardly any piece is aligned.
const LENGTHS: [usize; 9] = [1, 3, 7, 13, 5, 31, 17, 2, 64];

/// Returns the cases at which a call of so many parts is cut: at one place, or at two.
fn places(parts: usize, number: usize) -> Vec<usize> {
    let first = LENGTHS[number % LENGTHS.len()].min(parts - 1);
    let second = first + LENGTHS[number / LENGTHS.len() % LENGTHS.len()];
    if second < parts { vec![first, second] } else { vec![first] }
}

impl Pieces {
    /// Makes a call again in pieces, and compares the results. Calls that are refused in pieces do not count. Returns the
    /// fault that a piece shows, if one does.
    pub(crate) fn compare<C: Contract>(
        &mut self,
        codes: C::Codes,
        call: &Call<C>,
        number: usize,
        outputs: &[i64],
        kernel: &mut Kernel<'_, C>,
    ) -> Option<Fault> {
        let whole = C::whole(codes)?;
        let parts = call.inputs.len() / whole;
        if parts < 2 {
            return None;
        }
        let cuts: Vec<_> = places(parts, number).into_iter().map(|part| part * whole).collect();
        let begins = [&[0], &cuts[..]].concat();
        let ends = [&cuts[..], &[call.inputs.len()]].concat();
        let mut again = Vec::with_capacity(outputs.len());
        for (&begin, &end) in begins.iter().zip(&ends) {
            let piece = Call {
                params: call.params,
                inputs: call.inputs[begin..end].to_vec(),
                offset: call.offset + C::place(codes, begin),
                is_repeated: false,
            };
            match kernel(&piece, 0x5a) {
                Outcome::Outputs(of_piece) => again.extend(of_piece),
                Outcome::Refused => return None,
                Outcome::Faulty(fault) => return Some(fault),
            }
        }
        self.calls += 1;
        let differs = |&at: &usize| outputs[at] != again[at];
        let at = (0..outputs.len()).find(differs)?;
        self.differing += 1;
        let len = C::len(codes, &call.inputs);
        if self.example.as_ref().is_none_or(|shortest| len < shortest.len) {
            self.example = Some(Cut {
                len,
                at: cuts.iter().map(|&case| C::place(codes, case)).collect(),
                index: C::place(codes, at),
                whole: C::output_text(outputs[at]),
                in_pieces: C::output_text(again[at]),
            });
        }
        None
    }
}
