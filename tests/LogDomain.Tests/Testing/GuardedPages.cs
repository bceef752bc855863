using System.Runtime.InteropServices;

namespace LogDomain.Tests.Testing;

/// <summary>Memory between two pages that may not be touched: a read or write one byte too far ends the process.</summary>
/// <remarks>On Windows it is memory like any other; there only the sentinels of the tests watch.</remarks>
internal sealed unsafe partial class GuardedPages : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadAndWrite = 1 | 2;
    private const int Private = 2;

    private readonly int _page = Environment.SystemPageSize;
    private readonly int _bytes;
    private readonly byte* _start;

    public GuardedPages(int capacity)
    {
        _bytes = (capacity + _page - 1) / _page * _page;
        if (OperatingSystem.IsWindows())
        {
            _start = (byte*)NativeMemory.AlignedAlloc((nuint)(_bytes + (2 * _page)), (nuint)_page);
            return;
        }

        int anonymous = OperatingSystem.IsLinux() ? 0x20 : 0x1000;
        _start = (byte*)Map(0, (nuint)(_bytes + (2 * _page)), ReadAndWrite, Private | anonymous, -1, 0);
        if ((nint)_start == -1)
            throw new InvalidOperationException("The pages could not be mapped.");

        if (Protect(_start, (nuint)_page, NoAccess) != 0 || Protect(_start + _page + _bytes, (nuint)_page, NoAccess) != 0)
            throw new InvalidOperationException("The guard pages could not be protected.");
    }

    /// <summary>The elements that follow the first guard.</summary>
    public Span<T> First<T>(int length)
        where T : unmanaged => new(_start + _page, length);

    /// <summary>The elements that end where the second guard begins.</summary>
    public Span<T> Last<T>(int length)
        where T : unmanaged => new(_start + _page + _bytes - (length * sizeof(T)), length);

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
            NativeMemory.AlignedFree(_start);
        else
            _ = Unmap(_start, (nuint)(_bytes + (2 * _page)));
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
