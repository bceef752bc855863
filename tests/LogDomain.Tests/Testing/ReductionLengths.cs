using System.Numerics;

namespace LogDomain.Tests.Testing;

/// <summary>Lengths of rows for reductions whose exact values take long.</summary>
internal static class ReductionLengths
{
    /// <summary>0 to 40, those next to a multiple of the block, and some between, to four blocks and a vector.</summary>
    public static IEnumerable<int> UpToFourBlocks<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int block = typeof(T) == typeof(double) ? 512 : 1024;
        return Enumerable.Range(0, (4 * block) + 18).Where(n => n <= 40 || (n + 1) % block <= 2 || n % 419 == 0 || n == (4 * block) + 17);
    }
}
