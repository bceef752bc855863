using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>x e^x</c>.</summary>
    /// <remarks>-infinity gives -0. Source: LogExpFunctions.jl.</remarks>
    public static T XExpX<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XExpX, T>(x);

    /// <summary>The derivative of <see cref="XExpX{T}(T)"/>: <c>(1 + x) e^x</c>, without cancellation.</summary>
    /// <remarks>-infinity gives -0.</remarks>
    public static T XExpXDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XExpXDerivative, T>(x);
}
