using System.Numerics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>Logits with Gumbel noise, in double, and what is drawn with them.</summary>
/// <remarks>
/// The noise of class i in row r is <c>-log(-log(1 - u))</c> for number i of stream r of the seed, u being uniform on the open interval (0, 1): it depends on nothing else, and is
/// finite, from -3.61 to 36.7.
/// </remarks>
internal static unsafe class GumbelRows
{
    /// <summary>Writes softmax((x + noise) / temperature) of each row, or 1 at its largest element and 0 elsewhere.</summary>
    public static void Sample<T>(T* x, nint rows, nint length, double temperature, bool hard, ulong seed, ulong firstRow, T* y, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
        {
            using Scratch<double> scratch = new(2 * length);
            fixed (double* noisy = scratch.Span)
            {
                for (nint row = first; row < first + count; row++)
                {
                    Perturb(x + (row * length), length, new(seed, firstRow + (ulong)row), noisy, noisy + length);
                    if (hard)
                    {
                        OneHot(noisy, length);
                    }
                    else
                    {
                        SoftMax(noisy, noisy + length, length, temperature);
                    }

                    Widening.FromDouble(noisy, length, y + (row * length));
                }
            }
        });
    }

    /// <summary>Writes the derivative by the logits of soft samples, which are drawn again: <c>y_i (g_i - sum_j y_j g_j) / temperature</c>; 0 at the temperature 0, where y is a step.</summary>
    /// <remarks>
    /// g is taken relative to that of the largest y, whose own part of the sum is then 0. As y rounds to 1 there, the difference of g and the sum would be that rounding; as it is, it is minus
    /// the sum over the others. A g there that is not finite makes all of its row NaN.
    /// </remarks>
    public static void Differentiate<T>(T* x, T* upstream, nint rows, nint length, double temperature, ulong seed, ulong firstRow, T* gradient, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double divisor = temperature == 0 ? double.PositiveInfinity : temperature;
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
        {
            using Scratch<double> scratch = new(2 * length);
            fixed (double* y = scratch.Span)
            {
                double* g = y + length;
                for (nint row = first; row < first + count; row++)
                {
                    Perturb(x + (row * length), length, new(seed, firstRow + (ulong)row), y, g);
                    SoftMax(y, g, length, temperature);
                    Widening.ToDouble(upstream + (row * length), length, g);
                    double origin = g[Math.Max(0, Largest(y, length))];
                    for (nint i = 0; i < length; i++)
                    {
                        g[i] -= origin;
                    }

                    TripleSum mean = Sums.Dot<double>(new(y, (int)length), new(g, (int)length));
                    for (nint i = 0; i < length; i++)
                    {
                        y[i] = y[i] * mean.SubtractedFrom(g[i]) / divisor;
                    }

                    Widening.FromDouble(y, length, gradient + (row * length));
                }
            }
        });
    }

    /// <summary>Writes the class with the largest logit and noise of each row, or -1 where there is none.</summary>
    public static void Classes<T>(T* x, nint rows, nint length, ulong seed, ulong firstRow, int* classes, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
        {
            using Scratch<double> scratch = new(2 * length);
            fixed (double* noisy = scratch.Span)
            {
                for (nint row = first; row < first + count; row++)
                {
                    Perturb(x + (row * length), length, new(seed, firstRow + (ulong)row), noisy, noisy + length);
                    classes[row] = (int)Largest(noisy, length);
                }
            }
        });
    }

    private static void Perturb<T>(T* x, nint length, Philox random, double* noisy, double* noise)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Widening.ToDouble(x, length, noisy);
        random.Uniform(0, new(noise, (int)length));
        Elements.Of<CLogLog, double>(noise, noise, length);
        for (nint i = 0; i < length; i++)
        {
            noisy[i] -= noise[i];
        }
    }

    /// <summary>A row without a largest number is NaN, as its softmax is.</summary>
    private static void OneHot(double* noisy, nint length)
    {
        nint largest = Largest(noisy, length);
        for (nint i = 0; i < length; i++)
        {
            noisy[i] = largest < 0 ? double.NaN : i == largest ? 1 : 0;
        }
    }

    /// <summary>As <see cref="ScaledSoftMax{T}"/>, in place.</summary>
    private static void SoftMax(double* noisy, double* low, nint length, double temperature)
    {
        Scaling scaling = new(temperature, divides: true);
        scaling.Apply(noisy, low, length, scaling.Origin(noisy, length));
        RowKernels<double>.Best!.SoftMax(noisy, noisy, 1, length, 1);
        double mean = Scaling.Mean(noisy, low, length);
        Scaling.AddParts(noisy, low, length, double.IsFinite(mean) ? mean : 0);
    }

    /// <summary>The place of the largest number; -1 if it is not finite, or anything is NaN.</summary>
    private static nint Largest(double* values, nint length)
    {
        nint largest = 0;
        for (nint i = 0; i < length; i++)
        {
            if (double.IsNaN(values[i]))
            {
                return -1;
            }

            largest = values[i] > values[largest] ? i : largest;
        }

        return double.IsFinite(values[largest]) ? largest : -1;
    }
}
