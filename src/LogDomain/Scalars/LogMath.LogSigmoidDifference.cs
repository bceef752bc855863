using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log|sigmoid(x) - sigmoid(y)|</c>, the log-probability of an interval of logits.</summary>
    /// <remarks>
    /// Symmetric. Equal x and y give -infinity. Source: Stan's <c>log_inv_logit_diff</c>: <c>log sigmoid(a) + log sigmoid(-b) + log(1 - e^(b - a))</c> of the
    /// larger a and the smaller b.
    /// </remarks>
    public static T LogSigmoidDifference<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogSigmoidDifference, T>(x, y);
}
