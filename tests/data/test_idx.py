"""IDX files: whatever is in them, they load rightly or get one sentence, and memory keeps to their size."""

import contextlib
import gzip
import hashlib
import re
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from course.data import fashion_mnist, idx, mnist, read_idx

CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}
SOME = 100_000  # bytes that reading takes besides the array: its pieces, and zlib's own tables and window


def packed(array, code=None):
    """The bytes of an IDX file."""
    array = np.asarray(array)
    kind = next(name for name in CODES if np.dtype(name).newbyteorder("=") == array.dtype.newbyteorder("="))
    header = struct.pack(f">HBB{array.ndim}I", 0, CODES[kind] if code is None else code, array.ndim, *array.shape)
    return header + array.astype(kind).tobytes()


def reference(content):
    """Read IDX bytes the simple way; None where they are unsound."""
    if content[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        try:
            content = member.decompress(content)
        except zlib.error:
            return None
        if not member.eof or member.unused_data:
            return None
    kinds = {code: kind for kind, code in CODES.items()}
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in kinds or not 1 <= content[3] <= 64:
        return None
    start = 4 + 4 * content[3]
    if len(content) < start:
        return None
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    wide = np.dtype(kinds[content[2]])
    n = 1
    for side in shape:
        n *= side
    if len(content) != start + n * wide.itemsize:
        return None
    try:
        return np.frombuffer(content, wide, n, start).reshape(shape)
    except ValueError:  # no element, but sides that are too long for an array
        return None


def written(folder, content, name="pictures-idx"):
    path = folder / name
    path.write_bytes(content)
    return path


def sentence(call):
    """The one sentence with which a call is refused."""
    with pytest.raises(ValueError) as refusal:
        call()
    text = str(refusal.value)
    assert "\n" not in text and not text.endswith("."), text
    return text


def equal(one, other):
    return one.shape == other.shape and one.tobytes() == other.astype(one.dtype).tobytes()


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("shape", [(5,), (2, 3), (4, 3, 2), (0,), (0, 28, 28), (1, 1, 1, 1, 3)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_all_types_and_shapes(tmp_path, kind, shape, pack):
    array = np.random.default_rng(2).integers(-100, 100, shape).astype(kind)
    loaded = read_idx(written(tmp_path, pack(packed(array))))
    assert loaded.shape == shape and loaded.dtype == np.dtype(kind).newbyteorder("=") and loaded.dtype.isnative
    assert np.array_equal(loaded, array) and loaded.flags.writeable


def test_the_path_may_be_a_string_and_its_name_says_nothing(tmp_path):
    path = written(tmp_path, gzip.compress(packed(np.uint8([1, 2, 3]))), "no-gz-at-the-end")
    assert read_idx(str(path)).tolist() == [1, 2, 3]


def test_gzip_files_of_several_members(tmp_path):
    content = packed(np.arange(70_000, dtype=np.int32))
    pieces = [content[:3], content[3:9], b"", content[9:100_000], content[100_000:]]
    path = written(tmp_path, b"".join(gzip.compress(piece, mtime=0) for piece in pieces))
    assert np.array_equal(read_idx(path), np.arange(70_000))


SIX = packed(np.uint8([[1, 2, 3], [4, 5, 6]]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a sound IDX file: it ends within its header, after 0 bytes"),
        (SIX[:3], "is not a sound IDX file: it ends within its header, after 3 bytes"),
        (SIX[:11], "is not a sound IDX file: it ends within its header, after 11 bytes"),
        (b"\x89PNG" + SIX, "is not a sound IDX file: it begins with the bytes 89 50, where 00 00 should be"),
        (b"\0\0\7" + SIX[3:], "its element type is 07, where one of 08, 09, 0b, 0c, 0d, 0e should be"),
        (b"\0\0\x08\0" + SIX, "is not a sound IDX file: it has 0 dimensions, where 1 to 64 should be"),
        (b"\0\0\x08\x41" + bytes(400), "it has 65 dimensions, where 1 to 64 should be"),
        (SIX[:-1], "header (2, 3) of uint8 promises 18 bytes, but it holds 17"),
        (SIX + b"7", "header (2, 3) of uint8 promises 18 bytes, but it goes on after them"),
        (
            SIX[:4] + b"\xff" * 8 + SIX[12:],
            "its shape (4294967295, 4294967295) is more than an array can have",
        ),
        (SIX[:4], "is not a sound IDX file: it ends within its header, after 4 bytes"),
        (b"\0\0\x0e\4" + b"\xff" * 12 + bytes(4), "is more than an array can have"),
        (gzip.compress(SIX, mtime=0)[:-9], "is damaged: gzip says that the file ends too early"),
        (gzip.compress(SIX, mtime=0)[:-1], "is damaged: gzip says that the file ends too early"),
        (gzip.compress(SIX, mtime=0)[:-5] + b"\0\0\0\0\0", "is damaged: gzip says Error -3"),
        (gzip.compress(SIX, mtime=0) + b"tail", "is damaged: gzip says Error -3"),
        (gzip.compress(SIX[:-1], mtime=0), "promises 18 bytes, but it holds 17"),
        (gzip.compress(SIX + SIX, mtime=0), "promises 18 bytes, but it goes on after them"),
        (b"\x1f\x8b", "is damaged: gzip says that the file ends too early"),
    ],
)
def test_unsound_files_get_one_sentence(tmp_path, content, reason):
    path = written(tmp_path, content)
    text = sentence(lambda: read_idx(path))
    assert text.startswith(f"read_idx: '{path}' ") and reason in text
    assert text.endswith("; copy or download it again")


@pytest.mark.parametrize("name", ["missing", ""])  # no file, and a folder
def test_missing_files_get_one_sentence(tmp_path, name):
    with pytest.raises(FileNotFoundError) as refusal:
        read_idx(tmp_path / name)
    assert str(refusal.value) == f"read_idx: there is no file '{tmp_path / name}'; check the path"


def mangled(rng, content):
    """Damage a file in one of the ways in which files get damaged, or are made to do damage."""
    data = bytearray(content)
    way = rng.integers(9)
    if way == 0:  # cut short
        return bytes(data[: rng.integers(len(data) + 1)])
    if way == 1:  # something after the end
        return bytes(data) + rng.bytes(int(rng.integers(1, 50)))
    if way == 2:  # a few bits
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        return bytes(data)
    if way == 3:  # something in the header
        data[rng.integers(min(len(data), 16))] = rng.integers(256)
        return bytes(data)
    if way == 4:  # a size that claims billions
        at = 4 * rng.integers(1, 4)
        data[at : at + 4] = struct.pack(">I", rng.integers(1 << 24, 1 << 32))
        return bytes(data)
    if way == 5:  # another type, or number of dimensions
        data[rng.integers(2, 4)] = rng.choice([0, 1, 2, 3, 4, 8, 9, 11, 12, 13, 14, 64, 65, 255])
        return bytes(data)
    if way == 6:  # a stretch of zeros
        at = rng.integers(len(data))
        return bytes(data[:at]) + bytes(int(rng.integers(40))) + bytes(data[at + rng.integers(40) :])
    if way == 7:  # the sizes exchanged
        data[4:12] = data[8:12] + data[4:8]
        return bytes(data)
    return bytes(data)  # none at all


def test_ten_thousand_mangled_files(tmp_path):
    """Each loads as the simple reader loads it or gets one sentence; memory keeps to three times its size."""
    rng = np.random.default_rng(6)
    arrays = [
        rng.integers(0, 255, shape).astype(kind)
        for kind in CODES
        for shape in [(7,), (0, 5), (3, 4), (6, 2, 5), (30, 8, 8)]
    ]
    sound = refused = 0
    path = tmp_path / "file"
    tracemalloc.start()
    try:
        for trial in range(10_000):
            content = packed(arrays[rng.integers(len(arrays))])
            gz = trial % 3 == 0
            if gz and trial % 2:  # damage inside a sound gzip file
                content = gzip.compress(mangled(rng, content), 1, mtime=0)
            elif gz:
                content = mangled(rng, gzip.compress(content, 1, mtime=0))
            else:
                content = mangled(rng, content)
            path.write_bytes(content)
            expected = reference(content)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                loaded = read_idx(path)
            except ValueError as refusal:
                text = str(refusal)
                assert expected is None, (trial, text)
                assert re.fullmatch(r"read_idx: '\S+' (is|unpacks) [^\n]+; (copy or download it again|if .+)", text)
                refused += 1
            else:
                assert expected is not None and equal(loaded, expected), trial
                sound += 1
                del loaded
            assert tracemalloc.get_traced_memory()[1] - before <= 3 * len(content) + SOME, trial
    finally:
        tracemalloc.stop()
    assert sound > 1500 and refused > 5000


def peak_of(call):
    """Memory allocated while a call runs, at its highest, in bytes."""
    tracemalloc.start()
    try:
        with contextlib.suppress(ValueError):
            call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


NOISE = np.random.default_rng(1).integers(0, 256, (1000, 28, 28), dtype=np.uint8)
BILLIONS = struct.pack(">HBB3I", 0, 8, 3, 4_000_000_000, 28, 28)


@pytest.mark.parametrize(
    "content",
    [
        packed(NOISE),
        packed(NOISE.reshape(1000, 98, 8).view(">f8")),
        gzip.compress(packed(NOISE), mtime=0),
        packed(NOISE)[:-1],
        packed(NOISE) + b"0",
        BILLIONS + NOISE.tobytes(),
        gzip.compress(BILLIONS + NOISE.tobytes(), mtime=0),
        b"\0\0\x08\x01\xff\xff\xff\xff" + NOISE.tobytes(),
    ],
)
def test_memory_stays_within_three_times_the_file(tmp_path, content):
    path = written(tmp_path, content)
    assert peak_of(lambda: read_idx(path)) <= 1.2 * len(content) < 3 * len(content)


def test_the_measure_of_memory_sees_an_allocation():
    assert peak_of(lambda: np.empty(10_000_000, np.uint8)) >= 10_000_000


def bomb(header, zeros):
    """A gzip file of a header and many zeros."""
    packer = zlib.compressobj(9, wbits=31)
    million = bytes(1 << 20)
    parts = [packer.compress(header)] + [packer.compress(million) for _ in range(zeros >> 20)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((10,), "promises 18 bytes, but it goes on after them"),  # the rest is not unpacked
        ((64 << 20,), "unpacks to more than 100 times its size"),  # a true header is no excuse
        ((4_000_000_000,), "unpacks to more than 100 times its size"),
    ],
)
def test_a_gzip_bomb_does_not_go_off(tmp_path, shape, reason):
    header = struct.pack(">HBBI", 0, 8, 1, *shape)
    path = written(tmp_path, bomb(header, 64 << 20))
    assert path.stat().st_size < 100_000
    assert reason in sentence(lambda: read_idx(path))
    assert peak_of(lambda: read_idx(path)) < SOME


def test_a_small_file_of_zeros_is_no_bomb(tmp_path):
    zeros = np.zeros((100, 28, 28), np.uint8)
    path = written(tmp_path, gzip.compress(packed(zeros), mtime=0))
    assert zeros.nbytes > 100 * path.stat().st_size
    assert np.array_equal(read_idx(path), zeros)


# The real files are not at hand: twelve pictures stand in for MNIST, with their own lengths and checksums.

IMAGES = np.random.default_rng(8).integers(0, 256, (12, 28, 28), dtype=np.uint8)
LABELS = (np.arange(12) % 10).astype(np.uint8)


def checksum(array):
    return hashlib.md5(packed(array)).hexdigest()


@pytest.fixture
def few(monkeypatch, tmp_path):
    """A folder with a small MNIST, plain, and a small Fashion-MNIST, gzipped, whose checksums are known."""
    monkeypatch.setattr(idx, "LENGTHS", {"train": 12, "test": 4})
    known = {}
    for name, shift in (("mnist", 0), ("fashion_mnist", 1)):
        (tmp_path / name).mkdir()
        for split, n in (("train", 12), ("test", 4)):
            arrays = ((IMAGES[:n] + shift).astype(np.uint8), (LABELS[:n] + shift) % 10)
            for stem, array in zip(idx.FILES[split], arrays, strict=True):
                known[name, stem] = checksum(array)
                content = packed(array)
                if name == "mnist":
                    written(tmp_path / name, content, stem)
                else:
                    written(tmp_path / name, gzip.compress(content, mtime=0), f"{stem}.gz")
    monkeypatch.setattr(idx, "MD5", known)
    return tmp_path


@pytest.mark.parametrize(("load", "name", "shift"), [(mnist, "mnist", 0), (fashion_mnist, "fashion_mnist", 1)])
@pytest.mark.parametrize(("split", "n"), [("train", 12), ("test", 4)])
def test_a_sound_folder_loads(few, load, name, shift, split, n):
    images, labels = load(few / name, split)
    assert images.dtype == np.uint8 and np.array_equal(images, (IMAGES[:n] + shift).astype(np.uint8))
    assert labels.dtype == np.int64 and labels.tolist() == [(k + shift) % 10 for k in range(n)]
    assert np.array_equal(load(str(few / name), split=split)[0], images)


def test_files_packed_anew_and_spelt_with_a_dot_load_too(few):
    for stem in idx.FILES["train"]:
        path = few / "mnist" / stem
        written(few / "mnist", gzip.compress(path.read_bytes(), 1, mtime=0), f"{stem.replace('-idx', '.idx')}.gz")
        path.unlink()
    assert np.array_equal(mnist(few / "mnist")[0], IMAGES)


def test_a_missing_file(few):
    (few / "mnist" / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError) as refusal:
        mnist(few / "mnist")
    assert str(refusal.value) == (
        f"mnist: there is no train-labels-idx1-ubyte, plain or .gz, in '{few / 'mnist'}'; "
        "put it there, from https://ossci-datasets.s3.amazonaws.com/mnist/"
    )
    assert len(mnist(few / "mnist", "test")[1]) == 4


def test_a_file_with_one_bit_changed(few):
    path = few / "mnist" / "train-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[5000] ^= 4
    path.write_bytes(content)
    found = hashlib.md5(content).hexdigest()
    text = sentence(lambda: mnist(few / "mnist"))
    assert text == (
        f"mnist: '{path}' is not train-images-idx3-ubyte (its content's MD5 is {found}, "
        f"not {checksum(IMAGES)}); replace it by the file from https://ossci-datasets.s3.amazonaws.com/mnist/"
    )


def test_the_other_set_s_file(few):
    name = "t10k-labels-idx1-ubyte"
    (few / "fashion_mnist" / f"{name}.gz").replace(few / "mnist" / name)
    text = sentence(lambda: mnist(few / "mnist", "test"))
    assert f"is not {name}, but fashion_mnist's {name} (its content's MD5" in text


def test_the_wrong_split_s_file(few):
    path = few / "fashion_mnist" / "train-images-idx3-ubyte.gz"
    (few / "fashion_mnist" / "t10k-images-idx3-ubyte.gz").replace(path)
    assert sentence(lambda: fashion_mnist(few / "fashion_mnist")) == (
        f"fashion_mnist: '{path}' holds uint8 of shape (4, 28, 28), but train-images-idx3-ubyte is uint8 "
        "of shape (12, 28, 28); replace it by the file from https://github.com/zalandoresearch/fashion-mnist"
    )


@pytest.mark.parametrize("harm", ["cut", "longer"])
def test_a_file_of_another_length(few, harm):
    path = few / "mnist" / "t10k-labels-idx1-ubyte"
    content = path.read_bytes()
    path.write_bytes(content[:-1] if harm == "cut" else content + b"1")
    assert sentence(lambda: mnist(few / "mnist", "test")).startswith(f"mnist: '{path}' is cut short or too long: ")


def test_a_gzip_file_cut_short(few):
    path = few / "fashion_mnist" / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:2000])
    assert sentence(lambda: fashion_mnist(few / "fashion_mnist")) == (
        f"fashion_mnist: '{path}' is damaged: gzip says that the file ends too early; copy or download it again"
    )


@pytest.mark.parametrize("split", ["Train", "validation", None])
def test_an_unknown_split(few, split):
    text = sentence(lambda: mnist(few / "mnist", split))
    assert text == f"mnist: split is {split!r}, but must be 'train' or 'test'"


def test_what_is_known_of_the_real_files():
    assert idx.LENGTHS == {"train": 60_000, "test": 10_000}
    assert len(set(idx.MD5.values())) == len(idx.MD5) == 8
    assert all(re.fullmatch("[0-9a-f]{32}", md5) for md5 in idx.MD5.values())
