//! Who takes part in an operation.

use std::sync::{Arc, Mutex};

use zeropoint::{Auto, Backend, Parallel};

use super::{Contender, Datum, Grade, Prepared, Setup, Written};

/// The scalar backend takes no part in longer slices: it is some hundred times slower, at any length.
const LONGEST_SCALAR: usize = 64 << 10;
/// Threads take no part in shorter slices.
const SHORTEST_PARALLEL: usize = 64 << 10;
/// Free functions take part up to this length: in longer slices their overhead does not show.
const LONGEST_FREE: usize = 1 << 10;

/// The contenders of an operation.
pub(super) struct Lineup<A, B> {
    contenders: Vec<Contender<A, B>>,
    edges: [Vec<A>; 2],
}

impl<A: Datum, B: Datum> Lineup<A, B> {
    /// All backends of this crate, and threads around the best of them.
    pub(super) fn backends(
        on: impl Fn(Use, &[A], &mut [B]) + Clone + Send + Sync + 'static,
    ) -> Self {
        let on = move |(): &mut (), through: Use, src: &[A], dst: &mut [B]| on(through, src, dst);
        Self::backends_in_room((), on, |(), _| ())
    }

    /// Makes contenders that write to a `room`, which `read` reads once for all calls.
    pub(super) fn backends_in_room<R: Send + 'static>(
        room: R,
        on: impl Fn(&mut R, Use, &[A], &mut [B]) + Clone + Send + Sync + 'static,
        read: impl Fn(&R, &mut [B]) + Clone + Send + Sync + 'static,
    ) -> Self {
        let room = Arc::new(Mutex::new(room));
        let mut contenders = Vec::new();
        for auto in Auto::available() {
            let (on, read) = (on.clone(), read.clone());
            let run = move |room: &mut R, src: &[A], dst: &mut [B]| {
                on(room, Use::One(auto), src, dst);
            };
            let room = Arc::clone(&room);
            let contender = Contender::in_room(auto.name(), Grade::Same, room, run, read);
            let scalar = auto.name() == "scalar";
            contenders.push(if scalar { contender.up_to(LONGEST_SCALAR) } else { contender });
        }
        let parallel = Parallel::new(Auto::best());
        let run = move |room: &mut R, src: &[A], dst: &mut [B]| {
            on(room, Use::Threads(parallel), src, dst);
        };
        let contender = Contender::in_room("parallel", Grade::Same, room, run, read);
        contenders.push(contender.from(SHORTEST_PARALLEL));
        Self { contenders, edges: [Vec::new(), Vec::new()] }
    }

    /// Returns the backends, and the free function, for which `on` is given [`Use::Free`].
    pub(super) fn all(on: impl Fn(Use, &[A], &mut [B]) + Clone + Send + Sync + 'static) -> Self {
        let free = on.clone();
        let free = Contender::new("free", Grade::Same, move |src, dst| free(Use::Free, src, dst));
        Self::backends(on).with(vec![free.up_to(LONGEST_FREE)])
    }

    /// The loop that one would write without this crate.
    pub(super) fn plain(
        self,
        grade: Grade,
        run: impl Fn(&[A], &mut [B]) + Send + Sync + 'static,
    ) -> Self {
        self.with(vec![Contender::new("plain", grade, run)])
    }

    pub(super) fn with(mut self, rivals: Vec<Contender<A, B>>) -> Self {
        self.contenders.extend(rivals);
        self
    }

    /// Sets the elements that a check mixes into the data: for all contenders, and for the backends
    /// alone.
    pub(super) fn edges(self, edges: [Vec<A>; 2]) -> Self {
        Self { edges, ..self }
    }

    pub(super) fn at(self, len: usize, written: Written) -> Box<dyn Prepared> {
        Box::new(Setup::new(len, written, self.contenders).with_edges(self.edges))
    }
}

/// Through what an operation is called. The match is the caller's run-time choice, and folds away:
/// each contender passes a variant that the compiler sees.
#[derive(Clone, Copy)]
pub(super) enum Use {
    One(Auto),
    Threads(Parallel<Auto>),
    Free,
}

/// The operation `$method` of the crate, through what `$use` says; `per` if no free function does it.
macro_rules! call {
    (per $use:expr, $method:ident $arguments:tt) => {
        match $use {
            Use::One(backend) => backend.$method $arguments,
            Use::Threads(backend) => backend.$method $arguments,
            Use::Free => unreachable!("no free function does this"),
        }
    };
    ($use:expr, $method:ident $arguments:tt) => {
        match $use {
            Use::One(backend) => backend.$method $arguments,
            Use::Threads(backend) => backend.$method $arguments,
            Use::Free => zeropoint::$method $arguments,
        }
    };
}
pub(super) use call;
