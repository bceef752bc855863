#!/usr/bin/python3
"""Writes MpmathFunctions.cs, the table that the exact functions are checked against. Needs mpmath (Debian: python3-mpmath).

Usage: mpmath_functions.py > MpmathFunctions.cs

The functions are their definitions, word for word: with 2,000 working digits no cancellation matters.
"""
import mpmath
from mpmath import mp, mpf, exp, log, sinh, cosh, tanh

mp.dps = 2000
DIGITS = 80
ONE = mpf(1)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return log(1 + exp(x))


def derivative(f):
    """A difference quotient with a step of 2^-2000 of x: its error is of that size, relatively."""
    def g(x):
        with mpmath.workprec(12000):
            h = x * mpf(2) ** -4000
            return (f(x + h) - f(x - h)) / (2 * h)
    return g


NEAR_ZERO = [5e-324, 1e-300, 1e-20, 1e-8, 0.001]
POSITIVE = NEAR_ZERO + [0.1, 0.36787944117144233, 0.5, 0.6321205588285577, 0.6931471805599453, 0.8813735870195430, 1.5, 3.25, 20.1, 40.0, 300.0]
NEGATIVE = [-x for x in POSITIVE]
REAL = POSITIVE + NEGATIVE
UNIT = [x for x in POSITIVE if x < 1] + [0.25, 0.75, 0.999, 1 - 2.0**-53, 0.5 - 2.0**-54, 0.5 + 2.0**-53]
ABOVE_MINUS_1 = POSITIVE + [-x for x in UNIT]
BELOW_LN2 = NEGATIVE + [x for x in POSITIVE if x < 0.69] + [0.6931471805599453]

UNARY = {
    "Log1P": (lambda x: log(1 + x), ABOVE_MINUS_1),
    "Log1M": (lambda x: log(1 - x), [-x for x in ABOVE_MINUS_1]),
    "ExpM1": (lambda x: exp(x) - 1, REAL),
    "Softplus": (softplus, REAL),
    "LogExpM1": (lambda x: log(exp(x) - 1), POSITIVE),
    "Log1MExp": (lambda x: log(1 - exp(x)), NEGATIVE),
    "Log2MExp": (lambda x: log(2 - exp(x)), BELOW_LN2),
    "Logit1MExp": (lambda x: log((1 - exp(x)) / exp(x)), NEGATIVE),
    "Log1PMX": (lambda x: log(1 + x) - x, ABOVE_MINUS_1),
    "LogMXP1": (lambda x: log(x) - x + 1, POSITIVE + [1 - 2.0**-53, 1.001]),
    "Log1PSquared": (lambda x: log(1 + x * x), REAL),
    "Sigmoid": (sigmoid, REAL),
    "LogSigmoid": (lambda x: log(sigmoid(x)), REAL),
    "Log1MSigmoid": (lambda x: log(1 - sigmoid(x)), REAL),
    "Logit": (lambda p: log(p / (1 - p)), UNIT),
    "LogitExp": (lambda x: log(exp(x) / (1 - exp(x))), NEGATIVE),
    "XLogX": (lambda x: x * log(x), POSITIVE),
    "XExpX": (lambda x: x * exp(x), REAL),
    "LogCosh": (lambda x: log(cosh(x)), REAL),
    "LogAbsSinh": (lambda x: log(abs(sinh(x))), REAL),
    "LogAbsTanh": (lambda x: log(abs(tanh(x))), REAL),
    "CLogLog": (lambda p: log(-log(1 - p)), UNIT),
    "CExpExp": (lambda x: 1 - exp(-exp(x)), [x for x in REAL if x < 10]),
}

PAIRS = [(0.5, -0.25), (-0.25, 0.5), (3.0, 3.0 - 2.0**-51), (-0.6931471805599453, -0.6931471805599453), (-0.5, -0.9327521295671886), (1e-20, -46.0), (700.0, -3.5), (-700.0, -701.0)]
POSITIVE_PAIRS = [(0.5, 0.25), (-3.0, 1.000001), (1e-300, 1e300), (7.25, 5e-324), (0.6931471805599453, 1.0), (20.1, 0.125), (2.0, 0.34657359027997264)]

BINARY = {
    "LogAddExp": (lambda x, y: log(exp(x) + exp(y)), PAIRS),
    "LogSubExp": (lambda x, y: log(abs(exp(x) - exp(y))), [p for p in PAIRS if p[0] != p[1]] + [(0.6931471805599453, 1e-20), (1.0, 0.5413248546129181)]),
    "LogSigmoidDifference": (lambda x, y: log(abs(sigmoid(x) - sigmoid(y))), [p for p in PAIRS if p[0] != p[1]]),
    "XLogY": (lambda x, y: x * log(y), POSITIVE_PAIRS),
    "XLog1PY": (lambda x, y: x * log(1 + y), PAIRS[:3] + [(2.0, 1e-20), (1e-300, 1e300)]),
    "XExpY": (lambda x, y: x * exp(y), PAIRS),
    "Softplus": (lambda x, a: softplus(a * x) / a, POSITIVE_PAIRS),
    "LogExpM1": (lambda x, a: log(exp(a * x) - 1) / a, [p for p in POSITIVE_PAIRS if p[0] > 0]),
}

MIX = [(0.25, 0.5, -0.25), (0.5, -0.001, 0.001), (1e-300, 800.0, -3.0), (0.75, 3.0, 3.0 - 2.0**-51), (0.125, -40.0, 40.0), (0.5, 0.1, -0.11068243133128836)]

FACTORIALS = [0, 1, 2, 5, 127, 128, 170, 171, 1000, 123456789, 2**53, 2**62, 1e300]
BINOMIALS = [(5, 0), (5, 2), (300, 127), (300, 128), (300, 150), (1e9, 3), (1e9, 123456), (2.0**62, 2.0**61), (1e300, 129), (1e300, 1e20)]


def text(value):
    return "-inf" if value == mpf("-inf") else mpmath.nstr(value, DIGITS, min_fixed=0, max_fixed=0, strip_zeros=True)


def line(name, arguments, function):
    value = function(*[mpf(x) for x in arguments])
    if abs(value) > mpf(10) ** 400 or (value != 0 and abs(value) < mpf(10) ** -700):
        return
    print(f"        {name}; {' '.join(repr(float(x)) for x in arguments)}; {text(value)}")


print('''namespace LogDomain.Tests.Oracle;

/// <summary>Values of mpmath with 80 digits, one line each: name; arguments; result. Written by mpmath_functions.py.</summary>
public static class MpmathFunctions
{
    public const string Table = """''')

for name, (function, arguments) in UNARY.items():
    for x in arguments:
        line(name, [x], function)
    for x in arguments[::3]:
        line(name + "Derivative", [x], derivative(function))

for name, (function, pairs) in BINARY.items():
    for pair in pairs:
        line(name, pair, function)

for arguments in MIX:
    line("LogMix", arguments, lambda t, x, y: log(t * exp(x) + (1 - t) * exp(y)))

for n in FACTORIALS:
    line("LogFactorial", [n], lambda n: mpmath.loggamma(n + 1))

for pair in BINOMIALS:
    line("LogBinomial", pair, lambda n, k: mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1))

print('''        """;
}''')
