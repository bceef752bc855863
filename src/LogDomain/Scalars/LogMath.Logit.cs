using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(p / (1 - p))</c>, the log-odds of a probability.</summary>
    /// <remarks>0 gives -infinity; 1 gives +infinity; 1/2 gives 0; what is no probability gives NaN. Source: LogExpFunctions.jl.</remarks>
    public static T Logit<T>(T p)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Logit, T>(p);

    /// <summary>The derivative of <see cref="Logit{T}(T)"/>: <c>1 / (p (1 - p))</c>, without cancellation.</summary>
    /// <remarks>0 and 1 give +infinity.</remarks>
    public static T LogitDerivative<T>(T p)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogitDerivative, T>(p);
}
