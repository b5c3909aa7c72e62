//! Who takes part in an operation.

use zeropoint::{Auto, Backend, Parallel};

use super::{Contender, Datum, Grade, Prepared, Setup, Written};

/// The scalar backend takes no part in longer slices: it is some hundred times slower, at any length.
const LONGEST_SCALAR: usize = 64 << 10;
/// Threads take no part in shorter slices.
const SHORTEST_PARALLEL: usize = 64 << 10;
/// What a free function adds to a call is of interest in short slices alone.
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
        let mut contenders = Vec::new();
        for auto in Auto::available() {
            let on = on.clone();
            let contender = Contender::new(auto.name(), Grade::Same, move |src: &[A], dst| {
                on(Use::One(auto), src, dst);
            });
            let scalar = auto.name() == "scalar";
            contenders.push(if scalar { contender.up_to(LONGEST_SCALAR) } else { contender });
        }
        let parallel = Parallel::new(Auto::best());
        contenders.push(
            Contender::new("parallel", Grade::Same, move |src: &[A], dst| {
                on(Use::Threads(parallel), src, dst);
            })
            .from(SHORTEST_PARALLEL),
        );
        Self { contenders, edges: [Vec::new(), Vec::new()] }
    }

    /// The same, and the free function, which is `on` of [`Use::Free`].
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

    /// What a check mixes into the data: for all, and then for the backends alone.
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
