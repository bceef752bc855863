using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>x log(x)</c>, the summand of an entropy.</summary>
    /// <remarks>0 gives 0; a negative x gives NaN. Source: LogExpFunctions.jl.</remarks>
    public static T XLogX<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XLogX, T>(x);

    /// <summary>The derivative of <see cref="XLogX{T}(T)"/>: <c>log(x) + 1</c>, without cancellation.</summary>
    /// <remarks>0 gives -infinity. The root at 1/e keeps its relative accuracy.</remarks>
    public static T XLogXDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XLogXDerivative, T>(x);
}
