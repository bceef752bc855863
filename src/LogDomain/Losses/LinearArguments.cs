using System.Numerics;

namespace LogDomain.Losses;

/// <summary>Checks of arguments of the losses that compute their logits.</summary>
internal static class LinearArguments
{
    public static void CheckElement<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(Half) && typeof(T) != typeof(BFloat16))
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float, Half or BFloat16 was expected.");
        }
    }

    public static void CheckFeatures(int features)
    {
        if (features < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(features), features, $"features is {features}, but at least 1 was expected.");
        }
    }

    /// <summary>The number of rows of <paramref name="features"/> numbers.</summary>
    public static int Rows(int length, int features, string name) =>
        length % features == 0
            ? length / features
            : throw new ArgumentException($"{name} has {length} elements, which is not a whole number of rows of {features}.", name);
}
