using System.Runtime.InteropServices;

namespace LogDomain.Peers;

/// <summary>Memory on a cache line's boundary, as the native libraries allocate it: nobody gains or loses by alignment.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;

    public NativeBuffer(long bytes)
    {
        Bytes = bytes;
        Pointer = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        NativeMemory.Clear(Pointer, (nuint)bytes); // also brings the pages in
    }

    public void* Pointer { get; }

    public long Bytes { get; }

    public Span<T> Span<T>()
        where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
