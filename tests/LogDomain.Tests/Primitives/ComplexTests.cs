using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

/// <summary>Log-sum-exp of complex numbers.</summary>
public class ComplexTests
{
    private const double Infinity = double.PositiveInfinity, NaN = double.NaN;

    /// <summary>Eighteen numbers that are infinite or NaN in part, or zero with either sign.</summary>
    private static readonly Complex[] Special =
    [
        new(-Infinity, -Infinity), new(-Infinity, 0), new(-Infinity, Infinity), new(-Infinity, NaN), new(-Infinity, -0.0),
        new(Infinity, -Infinity), new(Infinity, 0), new(Infinity, Infinity), new(Infinity, NaN), new(Infinity, 2), new(Infinity, -2),
        new(NaN, 0), new(NaN, 1), new(NaN, NaN), new(1, Infinity), new(1, NaN), new(0, -0.0), new(-0.0, 2),
    ];

    [Fact]
    public void Infinities_and_NaN_are_as_in_the_direct_formula()
    {
        Assert.Equal(18, Special.Length);
        foreach (Complex a in Special)
        {
            foreach (Complex b in Special)
            {
                Complex expected = Log(Exp(a) + Exp(b)), actual = LogPrimitives.LogSumExp([a, b]);
                Close(expected.Real, actual.Real, $"{a}, {b}: {actual}");
                Close(expected.Imaginary, actual.Imaginary, $"{a}, {b}: {actual}");
            }
        }

        static void Close(double expected, double actual, string where) =>
            Assert.True(double.IsNaN(expected) ? double.IsNaN(actual) : expected == actual || Math.Abs(expected - actual) <= 1e-15, $"{where}, but {expected} was expected");
    }

    [Fact]
    public void A_sum_is_near_the_direct_formula()
    {
        Random random = new(1);
        for (int seed = 0; seed < 200; seed++)
        {
            Complex[] x = [.. Enumerable.Range(0, 1 + random.Next(30)).Select(_ => new Complex(4 * Sample.Normal(random), 10 * Sample.Normal(random)))];
            Complex sum = Complex.Zero;
            double absolute = 0;
            foreach (Complex value in x)
            {
                sum += Complex.Exp(value);
                absolute += Math.Exp(value.Real);
            }

            Complex expected = Complex.Log(sum), actual = LogPrimitives.LogSumExp(x);
            double tolerance = 2e-15 * Math.Max(Math.Abs(expected.Real), 4) * absolute / Complex.Abs(sum);
            Assert.True(Math.Abs(expected.Real - actual.Real) <= tolerance, $"seed {seed}: {actual}, expected {expected}");
            Assert.True(Math.Abs(expected.Imaginary - actual.Imaginary) <= tolerance, $"seed {seed}: {actual}, expected {expected}");

            Complex[] gradient = new Complex[x.Length];
            LogPrimitives.LogSumExpGradient(x, new(2, -1), gradient);
            for (int i = 0; i < x.Length; i++)
                Assert.True(Complex.Abs(gradient[i] - (new Complex(2, -1) * Complex.Exp(x[i]) / sum)) <= 8 * tolerance * absolute / Complex.Abs(sum), $"seed {seed}, gradient {i}");
        }
    }

    [Fact]
    public void Real_numbers_keep_their_tail_and_their_size()
    {
        Near.Assert(4.248354255291589e-18, LogPrimitives.LogSumExp([new Complex(0, 0), new Complex(-40, 0)]).Real, 1, "1, scipy#18295");
        Assert.Equal(new Complex(1e10 + Math.Log(2), 0), LogPrimitives.LogSumExp([new Complex(1e10, 0), new Complex(1e10, 0)]));
        Assert.Equal(new Complex(double.NegativeInfinity, 0), LogPrimitives.LogSumExp(ReadOnlySpan<Complex>.Empty));
    }

    [Fact]
    public void Imaginary_parts_are_wrapped_and_small_ones_stay()
    {
        Assert.Equal(new Complex(3, 1e-300), LogPrimitives.LogSumExp([new Complex(3, 1e-300)]));
        Assert.Equal(1e-300, LogPrimitives.LogSumExp([new Complex(3, 1e-300), new Complex(double.NegativeInfinity, 2)]).Imaginary);
        Assert.Equal(Math.PI, LogPrimitives.LogSumExp([new Complex(3, Math.PI)]).Imaginary);
        Assert.Equal(Math.PI, LogPrimitives.LogSumExp([new Complex(3, -Math.PI)]).Imaginary);
        Near.Assert(4 - (2 * Math.PI), LogPrimitives.LogSumExp([new Complex(3, 4)]).Imaginary, 2, "4");
        Near.Assert(Math.Atan2(Math.Sin(1e6), Math.Cos(1e6)), LogPrimitives.LogSumExp([new Complex(3, 1e6)]).Imaginary, 2, "1e6");
    }

    [Fact]
    public void Terms_that_cancel_leave_what_is_left()
    {
        // e^1 - e^0 with the minus as an angle of pi, whose sine is 1.2e-16.
        Complex y = LogPrimitives.LogSumExp([new Complex(1, 0), new Complex(0, Math.PI)]);
        Near.Assert(0.5413248546129181, y.Real, 2, "e - 1");
        Assert.InRange(Math.Abs(y.Imaginary), 0, 1e-16);
        y = LogPrimitives.LogSumExp([new Complex(0, 0), new Complex(1, Math.PI)]);
        Near.Assert(0.5413248546129181, y.Real, 2, "1 - e");
        Assert.InRange(Math.Abs(y.Imaginary), 3.14159265, Math.PI);
    }

    [Fact]
    public void Gradients_of_nothing_are_zero()
    {
        Complex none = new(double.NegativeInfinity, 3);
        Complex[] y = new Complex[2];
        LogPrimitives.LogSumExpGradient([none, none], Complex.One, y);
        Assert.Equal([Complex.Zero, Complex.Zero], (IEnumerable<Complex>)y);
        LogPrimitives.LogSumExpGradient([none, new Complex(5, 1)], Complex.One, y);
        Assert.Equal([Complex.Zero, Complex.One], (IEnumerable<Complex>)y);
        Refused.Assert("destination", "1", "2", () => LogPrimitives.LogSumExpGradient([none, none], Complex.One, new Complex[1]));
    }

    // C23, annex G.6.3.1 and G.6.3.2, written out: .NET's own functions give NaN for these.
    private static Complex Exp(Complex z)
    {
        double size = Math.Exp(z.Real);
        if (z.Imaginary == 0)
            return new(size, z.Imaginary);
        if (size == 0)
            return Complex.Zero;
        if (!double.IsFinite(z.Imaginary))
            return new(double.IsPositiveInfinity(z.Real) ? Infinity : NaN, NaN);
        return new(size * Math.Cos(z.Imaginary), size * Math.Sin(z.Imaginary));
    }

    private static Complex Log(Complex z)
    {
        double size = double.IsInfinity(z.Real) || double.IsInfinity(z.Imaginary) ? Infinity : double.Hypot(z.Real, z.Imaginary);
        return new(Math.Log(size), Math.Atan2(z.Imaginary, z.Real));
    }
}
