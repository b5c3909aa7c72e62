//! The benchmarked operations and types, each with all its contenders on the same buffers.

mod beside_plain;
mod buffers;
mod lineup;
mod list;
mod operations;
mod variant;

use std::hint::black_box;
use std::sync::{Arc, Mutex};

pub(crate) use buffers::Datum;
use buffers::{Aligned, random};
pub(crate) use list::{Case, all};

/// Lengths of which everything is measured, in elements.
pub(crate) const LENGTHS: [usize; 7] = [33, 127, 1 << 10, 4 << 10, 64 << 10, 1 << 20, 64 << 20];

/// Every contender must be right for numbers up to this magnitude.
const MODERATE: f64 = 1e6;

/// How near a contender must come to the scalar backend's output before it is timed.
#[derive(Clone, Copy)]
pub(crate) enum Grade {
    /// A backend must give the same bits for any data.
    Same,
    /// The bits must be the same, but for NaN, which rivals treat in their own ways.
    Exact,
    /// No element may differ by more than this.
    Within(f64),
    /// No element may differ by more than this if the number read is no further from 0 than
    /// [`MODERATE`].
    #[cfg_attr(
        not(target_arch = "x86_64"),
        allow(dead_code, reason = "the other crate is measured on x86-64 only")
    )]
    Moderate(f64),
    /// Moves bytes and computes nothing.
    Limit,
}

/// One way to do an operation from elements `A` to elements `B`.
pub(crate) struct Contender<A, B> {
    name: String,
    grade: Grade,
    shortest: usize,
    longest: usize,
    repeat: Box<dyn Repeat<A, B>>,
}

trait Repeat<A, B>: Fn(&[A], &mut [B], u64) + Send + Sync {}
impl<A, B, F: Fn(&[A], &mut [B], u64) + Send + Sync> Repeat<A, B> for F {}

impl<A: 'static, B: 'static> Contender<A, B> {
    /// The loop over the calls is inside the one indirect call, so that short slices can be timed.
    pub(crate) fn new(
        name: impl Into<String>,
        grade: Grade,
        run: impl Fn(&[A], &mut [B]) + Send + Sync + 'static,
    ) -> Self {
        let run = move |(): &mut (), src: &[A], dst: &mut [B]| run(src, dst);
        Self::in_room(name, grade, Arc::default(), run, |(), _| ())
    }

    /// Calls that write to a `room` too. It is locked and read once for all calls, so that they take
    /// no longer than a user's.
    fn in_room<R: Send + 'static>(
        name: impl Into<String>,
        grade: Grade,
        room: Arc<Mutex<R>>,
        run: impl Fn(&mut R, &[A], &mut [B]) + Send + Sync + 'static,
        read: impl Fn(&R, &mut [B]) + Send + Sync + 'static,
    ) -> Self {
        let repeat = move |src: &[A], dst: &mut [B], times| {
            let mut room = room.lock().expect("no contender panics");
            for _ in 0..times {
                run(black_box(&mut *room), black_box(src), black_box(&mut *dst));
            }
            read(&room, dst);
            black_box(dst);
        };
        let name = name.into();
        Self { name, grade, shortest: 0, longest: usize::MAX, repeat: Box::new(repeat) }
    }

    /// Takes part only from `len` elements on.
    pub(crate) fn from(self, len: usize) -> Self {
        Self { shortest: len, ..self }
    }

    /// Takes part only up to `len` elements.
    pub(crate) fn up_to(self, len: usize) -> Self {
        Self { longest: len, ..self }
    }
}

impl<A, B: Datum> Contender<A, B> {
    /// Writes that many elements.
    fn output(&self, src: &[A], written: usize) -> Aligned<B> {
        let mut dst = Aligned::new(written);
        (self.repeat)(src, dst.slice_mut(), 1);
        dst
    }
}

/// The number of elements that an operation writes.
#[derive(Clone, Copy)]
pub(crate) enum Written {
    /// It writes as many as it reads.
    Each,
    /// So many, whatever it reads.
    Some(usize),
}

/// The contenders of one operation at one length. The buffers are made when first needed, so that
/// what a filter leaves out costs nothing.
pub(crate) struct Setup<A, B> {
    len: usize,
    written: Written,
    /// The elements that a check mixes into the data of all contenders, and those for the backends
    /// alone.
    edges: [Vec<A>; 2],
    contenders: Vec<Contender<A, B>>,
    buffers: Option<(Aligned<A>, Aligned<B>)>,
}

/// A [`Setup`] whatever its types are.
pub(crate) trait Prepared: Send {
    /// Names and indices of those who take part at this length.
    fn contenders(&self) -> Vec<(String, usize)>;

    /// The index of a contender, whether or not it takes part at this length.
    fn index(&self, name: &str) -> Option<usize>;

    /// Runs a contender `times` times.
    fn repeat(&mut self, contender: usize, times: u64);

    /// Returns how many elements two contenders write differently, of the data that are measured, and
    /// the greatest difference.
    #[allow(dead_code, reason = "of the benches, only `ratios` asks")]
    fn difference(&self, one: usize, other: usize) -> (usize, f64);

    /// Compares every contender's output with the scalar backend's; names the first that is wrong.
    fn check(&self) -> Result<(), String>;
}

impl<A: Datum, B: Datum> Setup<A, B> {
    pub(crate) fn new(len: usize, written: Written, contenders: Vec<Contender<A, B>>) -> Self {
        Self { len, written, edges: [Vec::new(), Vec::new()], contenders, buffers: None }
    }

    pub(crate) fn with_edges(self, edges: [Vec<A>; 2]) -> Self {
        Self { edges, ..self }
    }

    fn make_buffers(&self) -> (Aligned<A>, Aligned<B>) {
        let written = match self.written {
            Written::Each => self.len.div_ceil(B::PER_ELEMENT),
            Written::Some(n) => n,
        };
        let mut src = Aligned::new(self.len.div_ceil(A::PER_ELEMENT));
        random(src.slice_mut());
        (src, Aligned::new(written))
    }
}

impl<A: Datum, B: Datum> Prepared for Setup<A, B> {
    fn contenders(&self) -> Vec<(String, usize)> {
        let takes_part = |c: &Contender<A, B>| (c.shortest..=c.longest).contains(&self.len);
        self.contenders
            .iter()
            .enumerate()
            .filter(|(_, c)| takes_part(c))
            .map(|(i, c)| (c.name.clone(), i))
            .collect()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.contenders.iter().position(|c| c.name == name)
    }

    fn repeat(&mut self, contender: usize, times: u64) {
        if self.buffers.is_none() {
            self.buffers = Some(self.make_buffers());
        }
        if let Some((src, dst)) = &mut self.buffers {
            (self.contenders[contender].repeat)(src.slice(), dst.slice_mut(), times);
        }
    }

    fn difference(&self, one: usize, other: usize) -> (usize, f64) {
        let (src, dst) = self.make_buffers();
        let output = |i: usize| self.contenders[i].output(src.slice(), dst.slice().len());
        let (one, other) = (output(one), output(other));
        let pairs = one.slice().iter().zip(other.slice());
        let apart = pairs.map(|(a, b)| (a.value() - b.value()).abs()).filter(|apart| *apart != 0.0);
        apart.fold((0, 0.0), |(n, most), apart| (n + 1, apart.max(most)))
    }

    fn check(&self) -> Result<(), String> {
        let (mut src, dst) = self.make_buffers();
        for (round, edges) in self.edges.iter().enumerate() {
            for (x, edge) in
                src.slice_mut().iter_mut().skip(round).step_by(3).zip(edges.iter().cycle())
            {
                *x = *edge;
            }
            self.check_on(src.slice(), dst.slice().len(), round > 0)?;
        }
        Ok(())
    }
}

impl<A: Datum, B: Datum> Setup<A, B> {
    fn check_on(&self, src: &[A], written: usize, backends_alone: bool) -> Result<(), String> {
        let output = |contender: &Contender<A, B>| contender.output(src, written);
        let scalar = self.index("scalar").ok_or("there is no scalar backend")?;
        let expected = output(&self.contenders[scalar]);
        for contender in &self.contenders {
            if backends_alone && !matches!(contender.grade, Grade::Same) {
                continue;
            }
            let found = output(contender);
            // Element by element, a comparison without optimisation takes longer than the kernels.
            if bytemuck::cast_slice::<B, u8>(expected.slice())
                == bytemuck::cast_slice::<_, u8>(found.slice())
            {
                continue;
            }
            let pairs = expected.slice().iter().zip(found.slice()).enumerate();
            let wrong = pairs.into_iter().position(|(i, (a, b))| {
                let apart = (a.value() - b.value()).abs();
                match contender.grade {
                    Grade::Same | Grade::Exact => bytemuck::bytes_of(a) != bytemuck::bytes_of(b),
                    Grade::Within(distance) => apart > distance,
                    Grade::Moderate(distance) => {
                        apart > distance && src[i].value().abs() <= MODERATE
                    }
                    Grade::Limit => false,
                }
            });
            if let Some(i) = wrong {
                let (a, b) = (expected.slice()[i].value(), found.slice()[i].value());
                let (name, len) = (&contender.name, self.len);
                return Err(format!("{name} gives {b} for {a} at element {i} of {len}"));
            }
        }
        Ok(())
    }
}

/// Checks every case at lengths with and without remainders; ends the process if one is wrong.
pub(crate) fn check_all() {
    match buffers::offset() {
        Ok(0) => {}
        Ok(offset) => println!("buffers begin {offset} bytes after a cache line"),
        Err(wrong) => {
            eprintln!("{wrong}");
            std::process::exit(2);
        }
    }
    for case in all() {
        for len in [1, 33, 64, 127, 4096 + 77] {
            if let Err(wrong) = case.prepare(len).check() {
                eprintln!("{}: {wrong}", case.id());
                std::process::exit(1);
            }
        }
    }
}
