using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>e^x - 1</c>.</summary>
    /// <remarks>
    /// ±0 gives ±0; -infinity gives -1. .NET's own <c>T.ExpM1</c> subtracts 1 from the rounded exponential and is 0 for 1e-20. Source: Kahan 1987.
    /// </remarks>
    public static T ExpM1<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.ExpM1, T>(x);

    /// <summary>The derivative of <see cref="ExpM1{T}(T)"/>: <c>e^x</c>, without cancellation.</summary>
    public static T ExpM1Derivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.ExpM1Derivative, T>(x);
}
