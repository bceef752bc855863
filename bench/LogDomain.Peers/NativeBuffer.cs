using System.Runtime.InteropServices;

namespace LogDomain.Peers;

/// <summary>
/// Memory that starts <paramref name="offset"/> bytes into a page. Left to chance, a load that follows a store to the same place of
/// another page may have to wait for it (the processor first compares the low 12 bits alone), and a library would be fast in
/// one process and half as fast in the next.
/// </summary>
internal sealed unsafe class NativeBuffer(long bytes, int offset) : IDisposable
{
    private const int Page = 4_096;

    private byte* _pages = Allocate((nuint)(bytes + offset));

    public void* Pointer => _pages + offset;

    public long Bytes => bytes;

    public Span<T> Span<T>()
        where T : unmanaged => new(Pointer, checked((int)(bytes / sizeof(T))));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_pages);
        _pages = null;
    }

    private static byte* Allocate(nuint bytes)
    {
        void* pages = NativeMemory.AlignedAlloc(bytes, Page);
        NativeMemory.Clear(pages, bytes); // has the system supply the pages now, and not to the first one measured
        return (byte*)pages;
    }
}
