using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>The log-sum-exp of one row that is a span.</summary>
internal static unsafe class RowLogSumExp
{
    public static T Of<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* source = x)
        {
            T y;
            Rows.LogSumExp(source, 1, x.Length, &y, maxDegreeOfParallelism: 1);
            return y;
        }
    }
}
