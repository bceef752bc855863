using System.Numerics;

namespace LogDomain.Losses;

/// <summary>stub</summary>
public static class CrossEntropy
{
    /// <summary>stub</summary>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();

    /// <summary>stub</summary>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> gradient, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();

    /// <summary>stub</summary>
    public static void LossPerRow<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> losses, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();
}
