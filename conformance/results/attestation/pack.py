"""A run as one file for somebody else: `RUN.tar.gz`. Nothing in it is of who packed it, or when.

It is read back without trust: what `pack` does not write is refused, and nothing is written
outside the given folder.
"""

import struct
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from conformance.core.errors import SetupError
from conformance.results.manifest import ATTESTATION, FILE, checksums, verify
from conformance.results.reading import read

SUFFIX: Final = ".tar.gz"
# What gzip writes before the data: no name, no time, unknown system.
HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
BLOCK: Final = 512  # bytes of a tape archive
END: Final = bytes(2 * BLOCK)
CHUNK: Final = 256 * 1024
MOST_FILES: Final = 50_000
MOST_BYTES: Final = 512 * 1024 * 1024  # unpacked; a standard run has 12 MB
MOST_OF_FILE: Final = 128 * 1024 * 1024


class PackProblem(SetupError):
    """A run cannot be packed, or a file is no pack of a run; the message says why."""


def pack(folder: Path, path: Path) -> Path:
    """Write the files of a closed run, with its attestation, into one file; PackProblem, OSError.

    A run that is not as its manifest says is refused.
    """
    if not (folder / FILE).exists() and not read(folder).complete:
        raise PackProblem(
            f"{folder}: is not packed, because the run did not come to its end",
            remedy="continue it with `certify --resume`, or write its reports with `report`",
        )
    faults = verify(folder)
    if faults:
        raise PackProblem(
            f"{folder}: is not as it was written: {'; '.join(faults[:5])}",
            remedy="pack the run as it was written",
        )
    run = read(folder).header.run
    names = [*checksums(folder), FILE, *((ATTESTATION,) * (folder / ATTESTATION).is_file())]
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.writelines(_packed(_archive(folder, run, sorted(names))))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def unpack(path: Path, home: Path) -> Path:
    """Unpack a run into a new folder below `home`; return that folder. PackProblem, OSError."""
    names: set[str] = set()
    top = ""
    with path.open("rb") as file:
        stream = _Unpacker(path, file)
        while (head := stream.take(BLOCK)) != bytes(BLOCK):
            info = _member(path, head)
            run, _, name = info.name.partition("/")
            top = top or run
            if run != top:
                raise _unfit(path, info.name, f"is of another run than {top}")
            if name in names:
                raise _unfit(path, info.name, "stands in it twice")
            if len(names) == MOST_FILES:
                raise _unfit(path, info.name, f"is one file more than {MOST_FILES}")
            names.add(name)
            try:
                _write(home.joinpath(top, *PurePosixPath(name).parts), stream, info.size)
            except (FileExistsError, NotADirectoryError):
                raise _unfit(path, info.name, "has the name of a folder, or of a file") from None
            if any(stream.take(-info.size % BLOCK)):
                raise _unfit(path, info.name, "is followed by more than zeros")
        stream.end()
    if not names:
        raise PackProblem(f"{path}: is no pack of a run: it holds no file")
    return home / top


def _write(place: Path, stream: "_Unpacker", size: int) -> None:
    """Write the next bytes of a stream to a new file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        for start in range(0, size, CHUNK):
            file.write(stream.take(min(CHUNK, size - start)))


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file of these pieces."""
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    checksum = size = 0
    yield HEAD
    for piece in pieces:
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        yield deflate.compress(piece)
    yield deflate.flush()
    yield struct.pack("<II", checksum, size & 0xFFFFFFFF)


def _archive(folder: Path, run: str, names: list[str]) -> Iterator[bytes]:
    for name in names:
        content = folder / name
        size = content.stat().st_size
        yield _head(f"{run}/{name}", size)
        with content.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
        yield bytes(-size % BLOCK)
    yield END


def _head(name: str, size: int) -> bytes:
    """Return what stands before a file: no owner, no time, nothing of the machine."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as problem:
        raise PackProblem(f"{name}: cannot be packed", cause=str(problem)) from None


def _member(path: Path, head: bytes) -> tarfile.TarInfo:
    """Return a member that `pack` may have written; PackProblem for any other."""
    try:
        info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
    except (tarfile.TarError, ValueError) as problem:
        raise PackProblem(f"{path}: is no pack of a run", cause=str(problem)) from None
    if info.issym() or info.islnk():
        raise _unfit(path, info.name, "is a link")
    if info.type != tarfile.REGTYPE:
        raise _unfit(path, info.name, "is no plain file")
    parts = info.name.split("/")
    if len(parts) < 2 or set(parts) & {"", ".", ".."} or "\\" in info.name or ":" in info.name:
        raise _unfit(path, info.name, "would be written outside the run")
    if not 0 <= info.size <= MOST_OF_FILE:
        raise _unfit(path, info.name, f"is larger than {MOST_OF_FILE // 1024**2} MB")
    if _head(info.name, info.size) != head:
        raise _unfit(path, info.name, "has another time, owner or right than `pack` writes")
    return info


def _unfit(path: Path, name: str, reason: str) -> PackProblem:
    message = f"{path}: is no pack of a run: {name} {reason}"
    return PackProblem(message, remedy="have the run packed with `pack`")


class _Unpacker:
    """What a gzip file holds, a piece at a time; PackProblem where it is damaged or too large."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._size = 0
        if file.read(len(HEAD)) != HEAD:
            raise PackProblem(f"{path}: is no pack of a run: it does not begin as one")
        self._inflate.decompress(HEAD)

    def take(self, size: int) -> bytes:
        """Return so many bytes."""
        self._size += size
        if self._size > MOST_BYTES:
            raise PackProblem(f"{self._path}: is larger than {MOST_BYTES // 1024**2} MB, unpacked")
        taken = bytearray()
        while len(taken) < size:
            piece = self._more(size - len(taken))
            if not piece and self._inflate.eof:
                raise self._damaged("it breaks off")
            taken += piece
        return bytes(taken)

    def end(self) -> None:
        """Read the end, where the checksum stands: the first block of zeros was taken already."""
        if any(self.take(len(END) - BLOCK)):
            raise self._damaged("its end is not as `pack` writes it")
        while not self._inflate.eof:
            if self._more(1):
                raise self._damaged("something follows its last file")
        if self._inflate.unused_data or self._file.read(1):
            raise self._damaged("something follows its end")

    def _more(self, most: int) -> bytes:
        packed = self._inflate.unconsumed_tail or self._file.read(CHUNK)
        try:
            piece = self._inflate.decompress(packed, most)
        except zlib.error as problem:
            raise self._damaged(str(problem)) from None
        if not packed and not piece and not self._inflate.eof:
            raise self._damaged("it breaks off")
        return piece

    def _damaged(self, reason: str) -> PackProblem:
        message = f"{self._path}: is damaged: {reason}"
        return PackProblem(message, remedy="get it once more")
