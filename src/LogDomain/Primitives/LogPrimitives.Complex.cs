using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Log-sum-exp of complex numbers: logarithms of numbers that have a phase.</content>
public static partial class LogPrimitives
{
    /// <summary>Computes <c>log(sum_i e^(x_i))</c> of complex x.</summary>
    /// <param name="x">The logarithms; an imaginary part of pi stands for a negative number.</param>
    /// <returns>The logarithm, its imaginary part from above -pi to pi; (-infinity, 0) for an empty span and where the sum is 0.</returns>
    /// <remarks>
    /// <para>
    /// As <c>scipy.special.logsumexp</c>: shifted by the term of the largest real part. A real part of -infinity is a term of zero, whatever its imaginary
    /// part. Where a term is infinite or NaN the result is that of the direct formula with C's complex functions.
    /// </para>
    /// <para>
    /// Accuracy: both parts within 4 ulp of max(|real part|, |largest real part|, log n, 1), times what cancels in the sum. The sines and cosines are those of
    /// the platform, so here alone the bits may differ between operating systems.
    /// </para>
    /// </remarks>
    public static Complex LogSumExp(ReadOnlySpan<Complex> x)
    {
        if (x.Length == 1 && Complex.IsFinite(x[0]) && Math.Abs(x[0].Imaginary) < Math.PI)
        {
            return x[0];
        }

        return ComplexSum.Of(x, out Complex direct) is ComplexSum sum ? sum.LogSumExp : direct;
    }

    /// <summary>
    /// The derivative of <see cref="LogSumExp(ReadOnlySpan{Complex})"/> as a function of complex numbers: <c>destination_i = upstream * e^(x_i) / sum_j
    /// e^(x_j)</c>, without conjugates.
    /// </summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the result.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <remarks>A term of zero gets 0, as do all where the log-sum-exp is -infinity; NaN where another term is not finite.</remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogSumExpGradient(ReadOnlySpan<Complex> x, Complex upstream, Span<Complex> destination)
    {
        CheckDestination(x, destination, nameof(destination));
        ComplexSum? sum = ComplexSum.Of(x, out Complex direct);
        bool isZero = sum is null ? double.IsNegativeInfinity(direct.Real) : double.IsNegativeInfinity(sum.Value.LogSumExp.Real);
        Complex factor = sum is null ? new(double.NaN, double.NaN) : upstream / (Complex.One + sum.Value.Rest);
        for (int i = 0; i < x.Length; i++)
        {
            destination[i] = isZero || double.IsNegativeInfinity(x[i].Real) ? Complex.Zero : sum is null ? factor : factor * sum.Value.Term(x[i]);
        }
    }
}
