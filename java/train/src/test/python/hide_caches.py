#!/usr/bin/env python3
"""Lets oneDNN see no caches, as in virtual machines on AMD that hide them, so that what it then gets wrong can be looked at on any AMD machine.

  hide_caches.py LIBTORCH_CPU_SO

Changes the library in place (take a copy: JavaCPP unpacks one into -Dorg.bytedeco.javacpp.cachedir) and keeps its time, by which JavaCPP tells that
it is unpacked. There, `-Dquern.pointwise=linear` is what a machine that hides its caches chooses by itself.
"""
import os
import sys

# mov eax, r9d; mov ecx, edi; cpuid: the loop over leaf 0x8000001D in Xbyak's Cpu, by which oneDNN knows the machine.
READS_A_CACHE = bytes.fromhex("4489c8 89f9 0fa2")
# mov eax, r9d; xor ecx, ecx; xor ebx, ebx: one set of one way of one byte, as type 0 is read.
READS_NONE = bytes.fromhex("4489c8 31c9 31db")

path = sys.argv[1]
before = os.stat(path)
with open(path, "r+b") as file:
    library = file.read()
    count = library.count(READS_A_CACHE)
    if count == 0:
        sys.exit(f"{path} reads no caches in the way that is known here")
    file.seek(0)
    file.write(library.replace(READS_A_CACHE, READS_NONE))
os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
print(f"{count} places changed")
