using System.Numerics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain;

/// <content>How a function of one element is applied to spans: what the span forms of <see cref="LogMath"/> share.</content>
public static unsafe partial class LogPrimitives
{
    private static void Apply<TFunction, T>(ReadOnlySpan<T> x, Span<T> destination)
        where TFunction : IFunction
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        fixed (T* source = x, target = destination)
        {
            Elements.Of<TFunction, T>(source, target, x.Length);
        }
    }

    private static void Apply<TFunction, T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> destination)
        where TFunction : IFunctionOfTwo
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"y has {y.Length} elements, but {x.Length} were expected, as in x.", nameof(y));
        }

        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        CheckOverlap(y, destination[..x.Length]);
        fixed (T* first = x, second = y, target = destination)
        {
            Elements.Of<TFunction, T>(first, second, target, x.Length);
        }
    }

    private static void Apply<TFunction, T>(ReadOnlySpan<T> x, T parameter, Span<T> destination)
        where TFunction : IFunctionOfTwo
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        fixed (T* source = x, target = destination)
        {
            Elements.Of<TFunction, T>(source, parameter, target, x.Length);
        }
    }
}
