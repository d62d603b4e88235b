"""MinHash signatures, bit for bit those of datasketch 2's default scheme, and their bands.

datasketch's scheme `affine32`: a shingle goes through MurmurHash3's finaliser, then a * h + b
modulo 2**32 for each permutation, and the least value stays. Broder, "On the resemblance and
containment of documents" (1997), for why that estimates Jaccard; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.4, for banding.
"""

import numpy as np

from pipeline.compile import kernel
from pipeline.dedup.shingles import Shingles
from pipeline.dedup.tokens import MULTIPLIER, SEED, U32, Hashes, finish

# A whole number of vector registers, so that the inner loop has no scalar rest.
BLOCK = 64
U16 = np.uint32(16)
U13 = np.uint32(13)
M1 = np.uint32(0x85EBCA6B)
M2 = np.uint32(0xC2B2AE35)
EMPTY = np.uint32(0xFFFFFFFF)


def permutations(count: int) -> tuple[Shingles, Shingles]:
    """The factors and summands that `datasketch.MinHash(count)` draws, each uint32."""
    drawn = np.random.RandomState(1)
    factors = drawn.randint(0, 1 << 31, count, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, drawn.randint(0, 1 << 32, count, np.uint32)


@kernel
def mix(shingles: Shingles, count: int, out: Shingles) -> int:
    """Write the finalised shingles, the first one repeated up to a whole block; the new length."""
    for k in range(count):
        h = shingles[k]
        h ^= h >> U16
        h = np.uint32(h * M1)
        h ^= h >> U13
        h = np.uint32(h * M2)
        out[k] = h ^ (h >> U16)
    padded = (count + BLOCK - 1) // BLOCK * BLOCK
    for k in range(count, padded):
        out[k] = out[0]
    return padded


@kernel
def sign(mixed: Shingles, count: int, factors: Shingles, summands: Shingles, out: Shingles) -> None:
    """Write the signature of `count` mixed shingles, at least one."""
    for p in range(factors.size):
        factor, summand = factors[p], summands[p]
        least = EMPTY
        for k in range(count):
            least = min(least, np.uint32(factor * mixed[k] + summand))
        out[p] = least


@kernel
def hash_bands(signature: Shingles, rows: int, out: Hashes) -> None:
    """Write one 64-bit hash per band of `rows` rows; equal rows in other bands hash otherwise."""
    for band in range(out.size):
        h = SEED + np.uint64(band)
        for row in range(band * rows, (band + 1) * rows):
            h = (h ^ np.uint64(signature[row])) * MULTIPLIER
            h ^= h >> U32
        out[band] = finish(h)
