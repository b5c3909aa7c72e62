"""Tests that partitions, workers and their deaths change no byte, and that the report says what NumPy computes."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import make_data
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import quantize
import report
import zeropoint

ROWS, DIMENSIONS = 20_000, 64


def cluster(workers):
    return quantize.cluster(argparse.Namespace(scheduler=None, workers=workers))


@pytest.fixture(scope="module")
def client():
    with cluster(2) as client:
        yield client


@pytest.fixture(scope="module")
def data(client, tmp_path_factory):
    """Makes one data set of 1, of 3 and of 8 files."""
    folders = {files: tmp_path_factory.mktemp(f"files-{files}") for files in (1, 3, 8)}
    for files, folder in folders.items():
        make_data.make(client, folder, ROWS, DIMENSIONS, files)
        assert len(quantize.files_of(folder)) == files
    return folders


@pytest.fixture(scope="module")
def floats(data):
    return numbers(data[8])


def numbers(folder):
    table = pa.concat_tables(pq.read_table(path) for path in quantize.files_of(folder))
    assert table.column("id").to_pylist() == list(range(ROWS))
    return table.column(quantize.COLUMN).combine_chunks().flatten().to_numpy().reshape(ROWS, -1)


def written(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def codes(client, data, tmp_path_factory):
    """Runs both passes on two workers."""
    out = {kind: tmp_path_factory.mktemp(kind) for kind in quantize.OBSERVERS}
    for kind, folder in out.items():
        quantize.quantize(client, data[3], folder, kind)
    return out


@pytest.mark.parametrize("kind", quantize.OBSERVERS)
def test_the_codes_are_those_of_one_call(kind, data, floats, codes):
    alone = quantize.OBSERVERS[kind]()
    alone.observe(floats)
    assert (codes[kind] / "observer.zpob").read_bytes() == alone.to_bytes()
    if kind == "dimension":
        q, scale, zero_point = zeropoint.quantize(floats, axis=1, **quantize.CODES)
    else:
        scale, zero_point = alone.params(clip=99.99, **quantize.CODES)
        q, _, _ = zeropoint.quantize(floats, scale, zero_point, **quantize.CODES)
    assert np.array_equal(numbers(codes[kind]), q)
    for path in quantize.files_of(codes[kind]):
        read = quantize.parameters_in(pq.read_schema(path))
        assert np.array_equal(read["scale"], scale) and np.array_equal(read["zero_point"], zero_point)
        assert pq.read_schema(path).field(quantize.COLUMN).type == pa.list_(pa.int8(), DIMENSIONS)
    # Each code takes a byte, and the levels of lists take some more.
    assert sum(len(file) for file in written(codes[kind]).values()) < 1.3 * floats.size


@pytest.mark.parametrize("workers, partitions", [(1, [1, 100]), (3, [2]), (4, [7])])
def test_any_workers_and_partition_write_the_same_bytes(workers, partitions, data, codes, tmp_path):
    with cluster(workers) as client:
        for groups in partitions:
            for kind in quantize.OBSERVERS:
                quantize.quantize(client, data[3], tmp_path / kind, kind, groups)
                assert written(tmp_path / kind) == written(codes[kind])


@pytest.mark.parametrize("kind", quantize.OBSERVERS)
@pytest.mark.parametrize("files", [1, 8])
def test_any_files_lead_to_the_same_codes(files, kind, client, data, codes, tmp_path):
    quantize.quantize(client, data[files], tmp_path, kind)
    state = "observer.zpob"
    assert (tmp_path / state).read_bytes() == (codes[kind] / state).read_bytes()
    assert np.array_equal(numbers(tmp_path), numbers(codes[kind]))


def mortal(work, marker, after):
    """Returns a task that kills its worker between two of its batches, if `after` of these tasks have begun before."""

    def with_a_death(*arguments, **named):
        with open(marker, "a") as file:
            file.write(f"{os.getpid()}\n")
        if len(pathlib.Path(marker).read_text().split()) == after + 1:
            batches = quantize.batches

            def until_death(*of, **columns):
                for i, batch in enumerate(batches(*of, **columns)):
                    if i == 1:
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield batch

            quantize.batches = until_death
        return work(*arguments, **named)

    return with_a_death


@pytest.mark.parametrize("kind", quantize.OBSERVERS)
def test_a_worker_that_is_killed_changes_nothing(kind, data, codes, tmp_path):
    files = quantize.files_of(data[3])
    parts = quantize.parts_of(files, 3)
    out, markers = tmp_path / "out", [tmp_path / "observed", tmp_path / "encoded"]
    with cluster(2) as client:
        before = set(client.run(os.getpid).values())
        observer = quantize.observed(client, parts, kind, mortal(quantize.observe, markers[0], 1))
        quantize.encoded(client, files, out, quantize.parameters(observer), mortal(quantize.encode, markers[1], 1))
        (out / "observer.zpob").write_bytes(observer.to_bytes())
        client.wait_for_workers(2)
        after = set(client.run(os.getpid).values())
    deaths = [marker.read_text().split() for marker in markers]
    # The task that died was done again, at least, and its worker was replaced.
    assert len(deaths[0]) > len(parts) and len(deaths[1]) > len(files)
    assert after - before
    assert written(out) == written(codes[kind])


def test_a_cluster_that_runs(data, codes, tmp_path):
    """The workers start in another folder, and find no module of this one."""
    file, script = tmp_path / "scheduler.json", pathlib.Path(quantize.__file__).with_name("run.py")
    environment = {**os.environ, "PYTHONPATH": ""}

    def start(name, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--scheduler-file", file, *arguments]
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)

    started = [start("scheduler", "--port", "0", "--dashboard-address", ":0")]
    try:
        started += [start("worker", "--nthreads", "1", "--no-dashboard") for _ in range(2)]
        for _ in range(600):
            if file.exists() and file.stat().st_size:
                break
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        size = ["--rows", str(ROWS), "--dimensions", str(DIMENSIONS), "--files", "3"]
        command = [sys.executable, script, tmp_path, *size, "--scheduler", address]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)
    assert written(tmp_path / "floats") == written(data[3])
    assert written(tmp_path / "codes") == written(codes["dimension"])
    assert written(tmp_path / "codes-one-scale") == written(codes["tensor"])


def test_an_unfinished_file_is_not_taken_for_a_file(client, data, codes, tmp_path):
    (tmp_path / "unfinished-0").write_bytes(b"PAR1")
    quantize.quantize(client, data[3], tmp_path)
    assert written(tmp_path) == written(codes["dimension"])


def test_data_are_not_overwritten(client, data):
    before = written(data[3])
    with pytest.raises(SystemExit, match="has no codes: it would be overwritten"):
        quantize.quantize(client, data[3], data[3])
    files = data[3].parent / "mine"
    files.mkdir()
    (files / "part-0000.parquet").write_bytes(before["part-0000.parquet"])
    with pytest.raises(SystemExit, match="is not from this program"):
        make_data.make(client, files, 10, 4, 1)
    assert written(data[3]) == before


def test_no_files(client, tmp_path):
    with pytest.raises(SystemExit, match="has no part-"):
        quantize.quantize(client, tmp_path, tmp_path)


def test_the_report(client, data, floats, codes, tmp_path):
    outs = {"each dimension": codes["dimension"], "all": codes["tensor"]}
    report.write(client, data[3], outs, tmp_path)
    results = json.loads((tmp_path / "report.json").read_text())
    queries, q = np.load(data[3] / "queries.npy"), {name: numbers(out) for name, out in outs.items()}
    found = np.argsort(-(queries @ floats.T), axis=1, kind="stable")[:, : report.NEIGHBOURS]
    for name, result in results.items():
        given = quantize.parameters_in(pq.read_schema(quantize.files_of(outs[name])[0]))
        y = zeropoint.dequantize(q[name], given["scale"], given["zero_point"], axis=given["axis"])
        error = np.sqrt(np.square(floats - y, dtype=np.float64).mean(0))
        assert np.allclose(result["rms error by dimension"], error, rtol=1e-6)
        again = np.argsort(-(queries @ y.T), axis=1, kind="stable")[:, : report.NEIGHBOURS]
        recall = np.mean([len(np.intersect1d(a, b)) for a, b in zip(found, again)]) / report.NEIGHBOURS
        assert abs(result["recall@10"] - recall) < 0.005
        assert result["vectors"] == ROWS and 3 < result["bytes of floats"] / result["bytes of codes"] < 4.2
    assert results["each dimension"]["recall@10"] > 0.95 > results["all"]["recall@10"]
    assert (tmp_path / "errors.png").read_bytes().startswith(b"\x89PNG")
