//! Tests that compare the tiles of every small shape with the index arithmetic that defines its slices.

use super::{Granularity, Run};

/// Returns the slice of every element.
fn slices_of(shape: &[usize], axis: usize, block: usize) -> Vec<usize> {
    let blocks = shape[axis].div_ceil(block.max(1));
    let mut all = Vec::new();
    for e in 0..shape.iter().product() {
        // The loop finds the index on every axis, the last axis first.
        let mut rest = e;
        let mut index = vec![0; shape.len()];
        for d in (0..shape.len()).rev() {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        all.push(if block == 0 {
            index[axis]
        } else {
            (0..shape.len()).fold(0, |slice, d| match d == axis {
                true => slice * blocks + index[d] / block,
                false => slice * shape[d] + index[d],
            })
        });
    }
    all
}

/// The place in the input, the place in the output and the slice of an element.
type Place = (usize, usize, usize);

/// Returns the places of all elements of some tiles, and tests that parts of a tile have the elements of their columns.
fn elements(tiles: impl Iterator<Item = super::Tile>) -> Vec<Place> {
    let mut all = Vec::new();
    for tile in tiles {
        for (from, to) in [(0, tile.columns), (1, tile.columns), (0, 1), (1, 2), (2, 5)] {
            if from < to && to <= tile.columns {
                let _ = elements_of(&tile.between(from, to));
            }
        }
        all.extend(elements_of(&tile));
    }
    all
}

fn elements_of(tile: &super::Tile) -> Vec<Place> {
    let mut all = Vec::new();
    tile.for_each_run(|slice, &Run { src, dst, len }| {
        all.extend((0..len).map(|i| (src + i, dst + i, slice)));
    });
    let by_index = (0..tile.rows).flat_map(|r| (0..tile.columns).map(move |c| (r, c)));
    let by_index = by_index.map(|(r, c)| {
        let (src, dst) = (tile.src + r * tile.src_pitch, tile.dst + r * tile.dst_pitch);
        let slice = tile.slice + r * tile.slices + (tile.phase + c) % tile.period / tile.same;
        (src + c, dst + c, slice)
    });
    assert!(by_index.eq(all.iter().copied()), "{tile:?}");
    all
}

#[test]
fn tiles_are_the_slices_of_the_shape() {
    let shapes: [&[usize]; 9] = [
        &[7],
        &[1, 5],
        &[5, 1],
        &[3, 4],
        &[2, 3, 4],
        &[3, 1, 2, 5],
        &[2, 5, 3, 1],
        &[2, 3, 2, 3],
        &[2, 0, 3],
    ];
    for shape in shapes {
        for (axis, block, gap) in
            (0..shape.len()).flat_map(|a| (0..7).flat_map(move |b| (0..3).map(move |g| (a, b, g))))
        {
            let g = match block {
                0 => Granularity::channel(shape, axis).unwrap(),
                _ => Granularity::block(shape, axis, block).unwrap(),
            };
            let row = shape[shape.len() - 1];
            let (g, src_pitch, dst_pitch) = match gap {
                0 => (g, row, row),
                _ => (g.with_pitch(row + gap, row + 1).unwrap(), row + gap, row + 1),
            };
            let of_slice = slices_of(shape, axis, block);
            let place = |e: usize| {
                let (row, column) = (e / row, e % row);
                (row * src_pitch + column, row * dst_pitch + column, of_slice[e])
            };
            // With a pitch, a piece has whole rows.
            let unit = if gap == 0 { 1 } else { row };
            for piece in [1, 2, 3, 5, 1000].map(|n| n * unit) {
                for first in (0..g.len()).step_by(piece.max(1)) {
                    let end = g.len().min(first + piece);
                    let (src, dst, _) = place(first);
                    let relative = |e: Place| (e.0 - src, e.1 - dst, e.2);
                    let of_piece: Vec<_> = (first..end).map(place).map(relative).collect();
                    let got = elements(g.tiles(first..end));
                    assert_eq!(got, of_piece, "{g:?}: elements {first} to {end}");
                }
            }
            let slices = if g.len() == 0 { 0 } else { g.slices() };
            for (from, to) in (0..slices).flat_map(|from| [(from, from + 1), (from, slices)]) {
                let mut got = elements(g.tiles_of(from..to));
                let is_in = |e: &Place| (from..to).contains(&e.2);
                let of_slices: Vec<_> = (0..g.len()).map(place).filter(is_in).collect();
                if to == from + 1 {
                    assert_eq!(got, of_slices, "{g:?}: slice {from}");
                }
                got.sort_unstable();
                assert_eq!(got, of_slices, "{g:?}: slices {from} to {to}");
            }
        }
    }
}
