using System.Numerics;

namespace LogDomain;

/// <summary>Operations of the log domain on spans of numbers and on rows of such spans.</summary>
public static partial class LogPrimitives
{
    /// <summary>stub</summary>
    public static T LogSumExp<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (T v in x)
        {
            max = Math.Max(max, double.CreateTruncating(v));
        }

        if (double.IsInfinity(max))
        {
            return T.CreateTruncating(max);
        }

        foreach (T v in x)
        {
            sum += Math.Exp(double.CreateTruncating(v) - max);
        }

        return T.CreateTruncating(max + Math.Log(sum));
    }

    /// <summary>stub</summary>
    public static void SoftMax<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => SoftMaxRows(x, x.Length, destination);

    /// <summary>stub</summary>
    public static void LogSoftMax<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSoftMaxRows(x, x.Length, destination);

    /// <summary>stub</summary>
    public static void LogSumExpRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length / rowLength; i++)
        {
            destination[i] = LogSumExp(x.Slice(i * rowLength, rowLength));
        }
    }

    /// <summary>stub</summary>
    public static void SoftMaxRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogSoftMaxRows(x, rowLength, destination);
        for (int i = 0; i < x.Length; i++)
        {
            destination[i] = T.CreateTruncating(Math.Exp(double.CreateTruncating(destination[i])));
        }
    }

    /// <summary>stub</summary>
    public static void LogSoftMaxRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i += rowLength)
        {
            T y = LogSumExp(x.Slice(i, rowLength));
            for (int j = 0; j < rowLength; j++)
            {
                destination[i + j] = x[i + j] - y;
            }
        }
    }
}
