using System.Buffers;

namespace LogDomain.Kernels;

/// <summary>Rented memory for <c>using</c>; <see cref="Span"/> has the length asked for.</summary>
internal readonly ref struct Scratch<T>
{
    private readonly T[] _array;

    public Scratch(nint length)
    {
        _array = ArrayPool<T>.Shared.Rent((int)length);
        Span = _array.AsSpan(0, (int)length);
    }

    public Span<T> Span { get; }

    public void Dispose() => ArrayPool<T>.Shared.Return(_array);
}
