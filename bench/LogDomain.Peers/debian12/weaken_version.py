"""Let a library load although libstdc++ is older than the version GLIBCXX_3.4.32 that it names.

A library lists the versions that it needs of others (section .gnu.version_r), each as: hash of the name (4 bytes), flags (2), ...
The loader refuses the library when one is missing, unless the flag "weak" is set. This sets it. The symbols of that version must
then come from elsewhere: see iostream_init.cpp.

usage: weaken_version.py LIBRARY
"""
import sys

VERSION = b"GLIBCXX_3.4.32"
WEAK = 2


def elf_hash(name):
    value = 0
    for byte in name:
        value = (value << 4) + byte
        value ^= (value & 0xF0000000) >> 24
        value &= 0x0FFFFFFF
    return value


library = sys.argv[1]
with open(library, "r+b") as file:
    data = file.read()
    entry = elf_hash(VERSION).to_bytes(4, "little") + b"\0\0"  # no flags yet
    if data.count(entry) != 1:
        sys.exit(f"{library}: {VERSION.decode()} is not needed, or no longer")
    file.seek(data.index(entry) + 4)
    file.write(WEAK.to_bytes(2, "little"))
