using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Tests.Sweeps;

/// <summary>e^x in double for sweeps over floats, eight at a time and with nothing from the kernels or the C library in it.</summary>
/// <remarks>Right to 4e-16, which is a hundred-millionth of an ulp of float; a test compares it with the oracle.</remarks>
internal static class ReferenceExp
{
    // ln 2 in two parts; the first has 21 zero bits at its end, so that its product with k is exact.
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    private static readonly double[] Coefficients = [.. Enumerable.Range(0, 15).Select(n => 1 / Enumerable.Range(1, n).Aggregate(1.0, (p, i) => p * i))];

    /// <summary>e^x = 2^k * (the result, from sqrt(1/2) to sqrt 2): Taylor's polynomial of degree 14, whose rest is (ln2 / 2)^15 / 15! = 1e-19.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Compute(Vector512<double> x, out Vector512<double> k)
    {
        k = Rounded(x * Vector512.Create(1.4426950408889634));
        Vector512<double> r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2Low), r);
        Vector512<double> p = Vector512.Create(Coefficients[14]);
        for (int n = 13; n >= 0; n--)
            p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(Coefficients[n]));

        return p;
    }

    /// <summary>The nearest integers, by an addition that leaves no bits for a fraction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Rounded(Vector512<double> x)
    {
        Vector512<double> magic = Vector512.Create(6755399441055744.0);
        return (x + magic) - magic;
    }

    /// <summary>2^k for integers from -1022 to 1023: they become the low bits, which are moved to the exponent's place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> PowerOfTwo(Vector512<double> k) =>
        Vector512.ShiftLeft((k + Vector512.Create(6755399441055744.0 + 1023)).AsInt64(), 52).AsDouble();
}
