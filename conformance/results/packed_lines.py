"""Lines of text in one gzip file, kept as they are written and read back one at a time.

Every line ends on a flush, so that a killed process loses none. Some hundred lines share a gzip
member, so that reading one does not unpack the others. `zcat` reads the file.
"""

import shutil
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from conformance.core.errors import ConformanceError

MEMBER_SIZE: Final = 256 * 1024  # bytes of text in one member
LARGEST: Final = 128 * 1024 * 1024  # bytes of text in a member; a line may be long
UNPACKED: Final = 8  # members kept unpacked in memory
CHUNK: Final = 64 * 1024
GZIP: Final = 16 + zlib.MAX_WBITS
HEADER: Final = b"\x1f\x8b\x08" + bytes(6) + b"\xff"  # deflate, no name, no time, unknown system
LAST_BLOCK: Final = b"\x03\x00"  # an empty one

Place = tuple[int, int]  # number of the member, number of the line in it


class DamagedLines(ConformanceError):
    """A file of packed lines was changed after it was written."""


class PackedLines:
    """Lines in memory until `move_to` a file; safe to share between threads.

    A file that is given is read, and changed by `move_to` only: of a last member that a kill cut
    short, the whole lines count.
    """

    def __init__(self, source: Path | None = None) -> None:
        """Begin with nothing, or with the lines of a file; raises DamagedLines, OSError."""
        self._lock = threading.RLock()
        self._source = source  # what lies before `_buffered`
        self._buffer: BytesIO | None = BytesIO()  # what lies behind it; None once it is in the file
        self._starts: list[int] = []
        self._packer: _Packer | None = None
        self._unpacked: OrderedDict[int, list[bytes]] = OrderedDict()
        self._end = 0
        unfinished = self._scan(source) if source is not None else b""
        self._buffered = self._end
        for line in unfinished.split(b"\n")[:-1]:
            self.add(line)

    def add(self, line: bytes) -> Place:
        """Write a line, which holds no line feed; return its place. OSError if it cannot."""
        with self._lock:
            if self._packer is not None and self._packer.full:
                self.seal()
            if self._packer is None:
                self._packer = _Packer()
                self._starts.append(self._end)
            try:
                self._write(self._packer.packed(line + b"\n"))
            except OSError:
                self._packer.full = True  # what was packed for nothing must not be built upon
                raise
            self._packer.accept(line + b"\n")
            return len(self._starts) - 1, self._packer.lines - 1

    def line(self, place: Place) -> bytes:
        """Return the line at a place."""
        member, number = place
        with self._lock:
            return self._lines_of(member)[number]

    def __iter__(self) -> Iterator[tuple[Place, bytes]]:
        """Yield each line with its place, in the order in which they were written."""
        for member in range(len(self._starts)):
            with self._lock:
                lines = self._lines_of(member)
            for number, line in enumerate(lines):
                yield (member, number), line

    def seal(self) -> None:
        """End the last member; a further line begins another one."""
        with self._lock:
            if self._packer is not None:
                self._write(self._packer.trailer)
                self._packer = None
                self._unpacked.pop(len(self._starts) - 1, None)  # perhaps not all of it

    def move_to(self, path: Path) -> None:
        """Write to a file from now on; what it held before is replaced in one step."""
        with self._lock:
            assert self._buffer is not None, "the lines already have a file"
            draft = path.with_name(f".{path.name}.draft")
            if self._source is not None:
                shutil.copyfile(self._source, draft)
            with draft.open("ab") as file:
                file.truncate(self._buffered)
                file.write(self._buffer.getvalue())
            draft.replace(path)
            self._source, self._buffer, self._buffered = path, None, self._end

    def _write(self, data: bytes) -> None:
        """Write at the end: what a failed attempt left behind it is written over."""
        if self._buffer is not None:
            self._buffer.seek(self._end - self._buffered)
            self._buffer.write(data)
        else:
            assert self._source is not None
            # Opened each time, so that nothing waits in a buffer and an ended run holds no file.
            with self._source.open("r+b") as file:
                file.seek(self._end)
                file.write(data)
        self._end += len(data)

    def _read(self, start: int, end: int) -> bytes:
        if self._buffer is not None and start >= self._buffered:
            return self._buffer.getvalue()[start - self._buffered : end - self._buffered]
        assert self._source is not None
        with self._source.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def _lines_of(self, member: int) -> list[bytes]:
        last = member == len(self._starts) - 1
        lines = self._unpacked.get(member)
        if lines is None or (last and self._packer and self._packer.lines != len(lines)):
            end = self._end if last else self._starts[member + 1]
            packed = self._read(self._starts[member], end)
            lines = zlib.decompressobj(wbits=GZIP).decompress(packed).split(b"\n")[:-1]
            self._unpacked[member] = lines
            if len(self._unpacked) > UNPACKED:
                self._unpacked.popitem(last=False)
        self._unpacked.move_to_end(member)
        return lines

    def _scan(self, path: Path) -> bytes:
        """Find the members of a file; return the text of a last one that was cut short."""
        with path.open("rb") as file:
            while head := file.read(CHUNK):
                text, unpacker = bytearray(), zlib.decompressobj(wbits=GZIP)
                size = 0
                try:
                    while head and not unpacker.eof:
                        text += unpacker.decompress(head)
                        if len(text) > LARGEST:
                            raise zlib.error(f"more than {LARGEST // 1024**2} MB follow")
                        size += len(head)
                        head = file.read(CHUNK) if not unpacker.eof else b""
                except zlib.error as problem:
                    raise DamagedLines(
                        f"{path}: cannot be unpacked after byte {self._end}",
                        cause=str(problem),
                        remedy="it was changed after it was written",
                    ) from None
                if not unpacker.eof:
                    return bytes(text)
                self._starts.append(self._end)
                self._end += size - len(unpacker.unused_data)
                file.seek(self._end)
        return b""


class _Packer:
    """Packs lines for one gzip member."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._checksum = 0
        self._size = 0
        self.lines = 0
        self.full = False

    def packed(self, line: bytes) -> bytes:
        """Return what to write for a line; `accept` it once it is written."""
        data = self._deflate.compress(line) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return data if self.lines else HEADER + data

    def accept(self, line: bytes) -> None:
        """Count a line that was written."""
        self.lines += 1
        self._checksum = zlib.crc32(line, self._checksum)
        self._size += len(line)
        self.full = self._size >= MEMBER_SIZE

    @property
    def trailer(self) -> bytes:
        """What ends the member."""
        data = LAST_BLOCK + struct.pack("<II", self._checksum, self._size)
        return data if self.lines else HEADER + data
