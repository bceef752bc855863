using System.Numerics;

namespace LogDomain.Losses;

/// <summary>Checks of arguments that several losses share: those of <see cref="LogPrimitives"/>, and those of classes. Each names the argument, what it is, and what was expected.</summary>
internal static class LossArguments
{
    public static void CheckElement<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogPrimitives.CheckElement<T>();

    public static void CheckDegree(int maxDegreeOfParallelism, string name = "options") => LogPrimitives.CheckDegree(maxDegreeOfParallelism, name, "MaxDegreeOfParallelism");

    public static void CheckReduction(Reduction reduction, string name = "options")
    {
        if (reduction is not (Reduction.Mean or Reduction.Sum))
        {
            throw new ArgumentOutOfRangeException(name, reduction, $"Reduction is {reduction}, but Mean or Sum was expected.");
        }
    }

    public static void CheckCount(int actual, int expected, string name) => LogPrimitives.CheckCount(actual, expected, name);

    /// <summary>The number of rows of <paramref name="length"/> elements.</summary>
    public static int Rows(int length, int classes, string name)
    {
        if (classes <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(classes), classes, $"classes is {classes}, but at least 1 was expected.");
        }

        return length % classes == 0
            ? length / classes
            : throw new ArgumentException($"{name} has {length} elements, which is not a whole number of rows of {classes} classes.", name);
    }

    /// <summary>The number of classes, given one target a row.</summary>
    public static int Classes(int length, int targets, string name)
    {
        if (targets == 0 ? length != 0 : length == 0 || length % targets != 0)
        {
            throw new ArgumentException($"{name} has {length} elements, which is not a whole number of classes for each of {targets} targets.", name);
        }

        return targets == 0 ? 1 : length / targets;
    }

    public static void CheckLength(int length, int needed, string name) => LogPrimitives.CheckLength(length, needed, name);

    /// <summary>A destination that is written before the input has been read as a whole.</summary>
    public static void CheckApart<T1, T2>(ReadOnlySpan<T1> input, ReadOnlySpan<T2> destination, string inputName, string name)
        where T1 : unmanaged
        where T2 : unmanaged => LogPrimitives.CheckApart(input, destination, inputName, name);

    /// <summary>A destination whose elements are written when those of the input at the same places have been read.</summary>
    public static void CheckInPlace<T>(ReadOnlySpan<T> input, ReadOnlySpan<T> destination, string inputName, string name) =>
        LogPrimitives.CheckInPlace(input, destination, inputName, name);
}
