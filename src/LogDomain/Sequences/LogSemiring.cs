namespace LogDomain.Sequences;

/// <summary>Sums of exponentials: (log-add-exp, +). The sum over all paths is the logarithm of the partition function.</summary>
public readonly struct LogSemiring : ISemiring<LogSemiring, double>
{
    /// <summary>-infinity.</summary>
    public static double Zero => double.NegativeInfinity;

    /// <summary>0.</summary>
    public static double One => 0;

    /// <summary>log(e^left + e^right).</summary>
    public static double Add(double left, double right) => LogMath.LogAddExp(left, right);

    /// <summary>left + right.</summary>
    public static double Multiply(double left, double right) => left + right;

    /// <summary>The score.</summary>
    public static double FromScore(double score, int label) => score;
}
