using System.Runtime.InteropServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>Floats outside the collected heap, on a boundary of cache lines.</summary>
internal sealed unsafe class TileMemory : IDisposable
{
    private const nuint Line = 64;

    public TileMemory(nint length)
    {
        Floats = (float*)NativeMemory.AlignedAlloc(((nuint)length * sizeof(float)) + Line, Line);
        GC.AddMemoryPressure((length * sizeof(float)) + (long)Line);
        Length = length;
    }

    ~TileMemory() => Free();

    public float* Floats { get; private set; }

    public nint Length { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Floats != null)
        {
            NativeMemory.AlignedFree(Floats);
            GC.RemoveMemoryPressure((Length * sizeof(float)) + (long)Line);
            Floats = null;
        }
    }
}
