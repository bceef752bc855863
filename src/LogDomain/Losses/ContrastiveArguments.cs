using System.Numerics;

namespace LogDomain.Losses;

/// <summary>Checks of arguments that the contrastive losses share.</summary>
internal static class ContrastiveArguments
{
    public static void CheckTemperature(double temperature, string name = "options")
    {
        if (!((float)temperature > 0 && float.IsFinite((float)temperature) && float.IsFinite((float)(1 / temperature))))
        {
            throw new ArgumentException($"Temperature is {temperature}, but a number above 0 that float can hold, as its inverse, was expected.", name);
        }
    }

    public static void CheckScale(double scale)
    {
        if (!((float)scale > 0 && float.IsFinite((float)scale)))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, $"scale is {scale}, but a number above 0 that float can hold was expected.");
        }
    }

    public static void CheckCommon(Reduction reduction, int maxDegreeOfParallelism)
    {
        LossArguments.CheckReduction(reduction);
        LossArguments.CheckDegree(maxDegreeOfParallelism);
    }

    public static void CheckMask(ReadOnlyMemory<bool> negatives, int queries, int keys, string name = "options")
    {
        if (!negatives.IsEmpty && negatives.Length != (long)queries * keys)
        {
            throw new ArgumentException($"Negatives has {negatives.Length} elements, but {(long)queries * keys} were expected, one a pair.", name);
        }
    }

    /// <summary>Two blocks of as many rows. Returns how many.</summary>
    public static int CheckPairs<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, string firstName, string secondName)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearArguments.CheckElement<T>();
        LinearArguments.CheckFeatures(features);
        int rows = LinearArguments.Rows(first.Length, features, firstName);
        LossArguments.CheckCount(second.Length, first.Length, secondName);
        return rows;
    }

    /// <summary>The gradients by two inputs, empty where not wanted, which must overlap neither an input nor each other. Cuts them to what is written.</summary>
    public static void CutGradients<T>(
        ref Span<T> firstGradient, ref Span<T> secondGradient, ReadOnlySpan<T> first, ReadOnlySpan<T> second, string firstName, string secondName, string firstGradientName, string secondGradientName)
        where T : unmanaged
    {
        Cut(ref firstGradient, first.Length, first, second, firstName, secondName, firstGradientName);
        Cut(ref secondGradient, second.Length, first, second, firstName, secondName, secondGradientName);
        LossArguments.CheckApart<T, T>(firstGradient, secondGradient, firstGradientName, secondGradientName);
    }

    private static void Cut<T>(ref Span<T> gradient, int length, ReadOnlySpan<T> first, ReadOnlySpan<T> second, string firstName, string secondName, string name)
        where T : unmanaged
    {
        if (!gradient.IsEmpty)
        {
            LossArguments.CheckLength(gradient.Length, length, name);
            gradient = gradient[..length];
            LossArguments.CheckApart<T, T>(first, gradient, firstName, name);
            LossArguments.CheckApart<T, T>(second, gradient, secondName, name);
        }
    }

    /// <summary>Losses of rows, which must overlap no input.</summary>
    public static void CheckLosses<T>(ReadOnlySpan<T> losses, int rows, ReadOnlySpan<T> first, ReadOnlySpan<T> second, string firstName, string secondName, string name)
        where T : unmanaged
    {
        LossArguments.CheckLength(losses.Length, rows, name);
        LossArguments.CheckApart(first, losses[..rows], firstName, name);
        LossArguments.CheckApart(second, losses[..rows], secondName, name);
    }
}
