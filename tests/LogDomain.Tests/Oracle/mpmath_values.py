#!/usr/bin/python3
"""Writes MpmathValues.cs, the table that the test oracle is checked against. Needs mpmath (Debian: python3-mpmath).

Usage: mpmath_values.py > MpmathValues.cs

Inputs are doubles, printed so that they read back to the same bits; values have 80 digits, from 1,000 working digits,
so that no cancellation matters. The formulas keep 1 out of a sum, as e^-10000 would vanish beside it.
"""
import struct

import mpmath
from mpmath import mp, mpf

mp.dps = 1000
DIGITS = 80

TINY, SMALLEST_NORMAL, HUGE = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


HALF_LOG = float(mpmath.log(mpf("0.5")))
NEAR_ZERO = [TINY, 1e-310, SMALLEST_NORMAL, 1e-300, 1e-100, 1e-40, 1e-20, 2.0**-54, 2.0**-53, 2.0**-52, 1e-10, 2.0**-17, 2.0**-16, 1e-3]
MIDDLE = [0.005, 0.01, 0.1, 0.25, 0.3, 0.34657359027997264, 0.35, 0.5, 0.69314718055994531]
LARGE = [0.75, 0.999999, 1.0, 1.5, 2.718281828459045, 3.141592653589793, 10.0, 20.0, 37.0, 88.72283, 103.972, 709.782712893384, 745.1332191019412, 1e4, 1e6]


def log1mexp(x):
    return mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x))


def softplus(x):
    return max(x, 0) + mpmath.log1p(mpmath.exp(-abs(x)))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def both_signs(values):
    return values + [-v for v in values]


SCALARS = {
    "exp": (mpmath.exp, both_signs(NEAR_ZERO + MIDDLE + LARGE)),
    "expm1": (mpmath.expm1, both_signs(NEAR_ZERO + MIDDLE + LARGE)),
    "log": (mpmath.log, NEAR_ZERO + MIDDLE + LARGE + [1 - 2.0**-53, 1 + 2.0**-52, 1e100, 1e300, HUGE]),
    "log1p": (mpmath.log1p, both_signs(NEAR_ZERO + MIDDLE + [0.75, 0.999999, 1 - 2.0**-53]) + [1.0, 1.5, 37.0, 1e6, 1e16, 1e300, HUGE]),
    "log1mexp": (log1mexp, [-v for v in NEAR_ZERO + MIDDLE + LARGE]),
    "softplus": (softplus, both_signs([1e-20, 0.5, 1.0, 17.0, 20.1, 40.0, 90.0, 745.0, 1000.0])),
    "sigmoid": (sigmoid, both_signs([1e-20, 0.5, 1.0, 17.0, 20.1, 40.0, 90.0, 745.0, 1000.0])),
}

ROWS = [
    [0.0, 0.0],
    [1.5],
    [1.0, 2.0, 3.0],
    [1000.0, 1001.0, 1002.0],
    [-1000.0, -1001.0, -1002.0],
    [20.0, 0.0],
    [20.0, 0.0, 0.0],
    [0.0, -40.0],
    [0.0, -745.0],
    [90.0, 2.0, -2.0],
    [1e-300, -700.0],
    [-1e-20, -46.0],
    [TINY, -TINY, 0.0],
    [HALF_LOG, HALF_LOG],
    [single(HALF_LOG), single(HALF_LOG)],
    [single(mpmath.log(mpf(k) / 10)) for k in (1, 2, 3, 4)],
    [float(mpmath.log(mpf(k) / 10)) for k in (1, 2, 3, 4)],
    [float(mpmath.log(mpf(1) / 10))] * 10,
    [1e8, 1e8],
    [1e16, 1e16, 1e16 - 2],
    [HUGE, HUGE],
    [1e300, -1e300],
    [100.0, 99.0, float("-inf"), -3.0],
    [float("-inf"), -1.25],
    [0.0, -103.0, -87.5, -708.5, -744.5],
    [3.25, -7.0625, 0.1, 12.5, -0.001, 12.5, 11.75, -88.0],
]


def state(row):
    """The maximum and the sum of the other weights; a gap below -10^5 has weight 0 here (the values are not wanted that far down)."""
    at = row.index(max(row))
    top = mpf(row[at])
    weights = [mpmath.exp(mpf(x) - top) if mpf(x) - top > -(10**5) else mpf(0) for x in row]
    return top, mpmath.fsum(w for i, w in enumerate(weights) if i != at), weights


def text(value):
    return "-inf" if value == mpf("-inf") else mpmath.nstr(value, DIGITS, min_fixed=0, max_fixed=0, strip_zeros=True)


def line(name, values, result):
    print(f"        {name}; {' '.join(repr(float(v)) for v in values)}; {' '.join(text(r) for r in result)}")


print('''namespace LogDomain.Tests.Oracle;

/// <summary>Values of mpmath with 80 digits, one line each: name; arguments; results. Written by mpmath_values.py.</summary>
public static class MpmathValues
{
    public const string Table = """''')

for name, (function, arguments) in SCALARS.items():
    for x in arguments:
        line(name, [x], [function(mpf(x))])

for row in ROWS:
    top, tail, weights = state(row)
    log_sum = mpmath.log1p(tail)
    line("logsumexp", row, [top + log_sum])
    line("softmax", row, [w / (1 + tail) for w in weights])
    line("logsoftmax", row, [mpf(x) - top - log_sum for x in row])

for a, b in [(2.0, 1.0), (1.0, 1.0 - 2.0**-53), (0.0, -1e-20), (0.0, -TINY), (0.0, -40.0), (HALF_LOG, -800.0), (1e10, 1e10 - 1), (HALF_LOG, -36.0)]:
    line("logsubexp", [a, b], [mpf(a) + log1mexp(mpf(b) - mpf(a))])

print('''        """;
}''')
