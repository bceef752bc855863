using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>The sum of e^z over complex z, as <c>e^Origin (1 + Rest)</c> with the term of the largest real part taken out.</summary>
internal readonly struct ComplexSum
{
    private readonly TripleSum _real, _imaginary;
    private readonly double _cosine, _sine;

    private ComplexSum(ReadOnlySpan<Complex> x, int origin)
    {
        Origin = x[origin];
        (_sine, _cosine) = Math.SinCos(Origin.Imaginary);
        for (int i = 0; i < x.Length; i++)
        {
            if (i != origin && !double.IsNegativeInfinity(x[i].Real))
            {
                Complex term = Term(x[i]);
                _real.Add(term.Real);
                _imaginary.Add(term.Imaginary);
            }
        }
    }

    public Complex Origin { get; }

    public Complex Rest => new(_real.Value.High, _imaginary.Value.High);

    /// <summary>
    /// The sum; null where it is not finite: then <paramref name="direct"/> is log(sum e^z) as C's functions have it (C23, annex G). A real part of
    /// -infinity is a term of zero whatever the imaginary part, and next to an infinite or undefined term a finite one is nothing.
    /// </summary>
    public static ComplexSum? Of(ReadOnlySpan<Complex> x, out Complex direct)
    {
        int origin = -1;
        Complex special = Complex.Zero;
        bool finite = true;
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNegativeInfinity(x[i].Real))
            {
                continue;
            }

            if (!Complex.IsFinite(x[i]))
            {
                special += Exp(x[i]);
                finite = false;
            }
            else if (origin < 0 || x[i].Real > x[origin].Real)
            {
                origin = i;
            }
        }

        direct = finite ? new(double.NegativeInfinity, 0) : Log(special);
        return finite && origin >= 0 ? new ComplexSum(x, origin) : null;
    }

    /// <summary>e^(z - Origin), the angle as a rotation back, so that a large one loses nothing; equal angles give exactly 0.</summary>
    public Complex Term(Complex z)
    {
        (double difference, double error) = LogSumState.TwoSum(z.Real, -Origin.Real);
        double size = ScalarFunctions.Exp(difference, double.IsFinite(difference) ? error : 0);
        if (z.Imaginary == Origin.Imaginary)
        {
            return new(size, 0);
        }

        (double sine, double cosine) = Math.SinCos(z.Imaginary);
        return new(size * ((cosine * _cosine) + (sine * _sine)), size * ((sine * _cosine) - (cosine * _sine)));
    }

    /// <summary>Origin + log(1 + Rest), the imaginary part from above -pi to pi.</summary>
    public Complex LogSumExp
    {
        get
        {
            double real = Rest.Real, imaginary = Rest.Imaginary;

            // |1 + s|^2 - 1, unless that cancels.
            double excess = (real * (2 + real)) + (imaginary * imaginary);
            double size = double.Hypot(1 + real, imaginary);
            if (size == 0)
            {
                return new(double.NegativeInfinity, 0);
            }

            double log = excess > -0.5 ? 0.5 * ScalarFunctions.Log1P(excess) : new WeightedTotal(size, 0, size, 0).LogAbsolute;
            double angle = Math.Abs(Origin.Imaginary) <= Math.PI ? Origin.Imaginary : Math.Atan2(_sine, _cosine);
            angle += Math.Atan2(imaginary, 1 + real);
            angle = angle > Math.PI ? angle - (2 * Math.PI) : angle <= -Math.PI ? angle + (2 * Math.PI) : angle;
            return new(Origin.Real + log, angle);
        }
    }

    /// <summary>e^z of a z that is not finite and no term of zero.</summary>
    private static Complex Exp(Complex z)
    {
        if (double.IsPositiveInfinity(z.Real))
        {
            // A zero angle stays: infinity times its sine is no NaN.
            (double sine, double cosine) = Math.SinCos(z.Imaginary);
            return z.Imaginary == 0 ? z
                : double.IsFinite(z.Imaginary) ? new(double.PositiveInfinity * cosine, double.PositiveInfinity * sine)
                : new(double.PositiveInfinity, double.NaN);
        }

        return double.IsNaN(z.Real) && z.Imaginary == 0 ? z : new(double.NaN, double.NaN);
    }

    private static Complex Log(Complex z)
    {
        double size = double.IsInfinity(z.Real) || double.IsInfinity(z.Imaginary) ? double.PositiveInfinity : double.NaN;
        return new(size, Math.Atan2(z.Imaginary, z.Real));
    }
}
