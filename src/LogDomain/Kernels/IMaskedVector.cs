using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>A vector of sixteen floats that is read through a mask.</summary>
internal unsafe interface IMaskedVector<TSelf>
    where TSelf : unmanaged, IMaskedVector<TSelf>
{
    /// <summary>Lane i holds <c>source[i]</c> where <c>mask[i]</c> is true, and -infinity elsewhere.</summary>
    static abstract TSelf LoadWhere(bool* mask, float* source);

    /// <summary>The same for i below <paramref name="count"/>, of any size, and -infinity elsewhere. Reads nothing else.</summary>
    static abstract TSelf LoadFirstWhere(bool* mask, float* source, int count);
}

/// <summary>The last bytes of a mask.</summary>
internal static unsafe class MaskBytes
{
    /// <summary>Byte i is <c>mask[i]</c> for i below <paramref name="count"/>, of any size, and 0 elsewhere. Reads nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FirstEight(bool* mask, int count)
    {
        if (count >= sizeof(ulong))
        {
            return Unsafe.ReadUnaligned<ulong>(mask);
        }

        ulong bytes = 0;
        for (int i = 0; i < count; i++)
        {
            bytes |= (ulong)*(byte*)(mask + i) << (8 * i);
        }

        return bytes;
    }
}
