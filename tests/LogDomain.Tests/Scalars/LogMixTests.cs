using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleLogMixTests : LogMixTests<float>;

public sealed class DoubleLogMixTests : LogMixTests<double>;

public sealed class HalfLogMixTests : LogMixTests<Half>;

public sealed class BFloat16LogMixTests : LogMixTests<BFloat16>;

/// <summary>log(theta e^x + (1 - theta) e^y) against exact arithmetic.</summary>
public abstract class LogMixTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly Format Format = FormatOf<T>.Value;

    // The 16-bit types are rounded from double, right but for ties that a double cannot tell.
    private static readonly double Limit = Format.Precision < 24 ? 0.5 + 1e-9 : Limits<T>.Scalar;

    [Fact]
    public void Results_are_within_the_limit()
    {
        PairInputs pairs = new(BinaryFunction.Of("LogAddExp"), seed: 9, Format);
        RandomBits random = new(10);
        WorstError<T> worst = new();
        for (int i = 0; i < 5_000; i++)
        {
            (double x, double y) = pairs.Next();
            double wide = (i % 3) switch
            {
                0 => random.NextDouble(),
                1 => Math.Abs(random.NextLogUniform(Math.Max(-200, Format.MinExponent), -1)),
                _ => Root(x, y),
            };
            T theta = T.CreateTruncating(wide);
            if (!(theta > T.Zero && theta < T.One))
                continue;

            (T a, T b) = (T.CreateTruncating(x), T.CreateTruncating(y));
            BigFloat exact = ExactFormulas<BigFloat>.LogMix(BigFloat.From(double.CreateTruncating(theta)), BigFloat.From(x), BigFloat.From(y));

            // Two opposite terms of 1e-110 leave their squares, of which the 384 bits of the oracle have 18; of smaller ones nothing, or what is not theirs.
            double terms = Math.Max(double.CreateTruncating(theta) * Math.Abs(LogMath.ExpM1(x)), Math.Abs(LogMath.ExpM1(y)));
            if (terms < 1e-30 && (exact.Sign == 0 || BigFloat.ILogB(exact) < Math.ILogB(terms) - 300))
            {
                continue;
            }

            worst.See(LogMath.LogMix(theta, a, b), exact, () => $"LogMix({theta:R}, {a:R}, {b:R})");
        }

        worst.AssertWithin(Limit);
    }

    /// <summary>The theta for which the mean is 1 and its logarithm near 0.</summary>
    private static double Root(double x, double y) => -LogMath.ExpM1(y) / (LogMath.ExpM1(x) - LogMath.ExpM1(y));
}
