using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>How the losses of rows become one number, or one number each.</summary>
internal static class ContrastiveReduction
{
    /// <summary>The sum, compensated, divided by <paramref name="divisor"/>.</summary>
    public static double Reduce(ReadOnlySpan<double> losses, double divisor) => Sums.Sum(losses).Value.High / divisor;

    public static void Write<T>(ReadOnlySpan<double> losses, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < losses.Length; i++)
        {
            destination[i] = T.CreateTruncating(losses[i]);
        }
    }
}
