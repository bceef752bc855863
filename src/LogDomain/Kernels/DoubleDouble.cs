namespace LogDomain.Kernels;

/// <summary>A number as the sum of two doubles, about 106 bits: for the rare result that double cannot decide.</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        (double sum, double error) = LogSumState.TwoSum(a.High, b.High);
        return Normalise(sum, error + (a.Low + b.Low));
    }

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        double product = a.High * b.High;
        double error = Math.FusedMultiplyAdd(a.High, b.High, -product);
        return Normalise(product, error + ((a.High * b.Low) + (a.Low * b.High)));
    }

    /// <summary>
    /// e^x to about 2^-95, for |x| below 700: x = k ln2 + r, <c>s = e^(r / 512) - 1</c> by Taylor to the eighth power
    /// ((ln2 / 1024)^9 / 9! = 1e-34), then nine times <c>s = 2s + s^2</c>, which loses nothing while s is small.
    /// </summary>
    public static DoubleDouble Exp(double x)
    {
        const double Ln2 = 0.6931471805599453, Ln2Low = 2.3190468138462996e-17;
        double k = Math.Round(x * 1.4426950408889634);
        double high = k * Ln2, low = k * Ln2Low;
        DoubleDouble r = new DoubleDouble(x, 0)
            + new DoubleDouble(-high, -Math.FusedMultiplyAdd(k, Ln2, -high))
            + new DoubleDouble(-low, -Math.FusedMultiplyAdd(k, Ln2Low, -low));
        DoubleDouble t = new(r.High / 512, r.Low / 512);
        DoubleDouble s = new(1.0 / 8, 0);
        s = new DoubleDouble(1, 0) + (t * s);
        for (int n = 7; n >= 2; n--)
        {
            double reciprocal = 1.0 / n;
            s = new DoubleDouble(1, 0) + (t * s * new DoubleDouble(reciprocal, Math.FusedMultiplyAdd(-reciprocal, n, 1) / n));
        }

        s = t * s;
        for (int i = 0; i < 9; i++)
        {
            s = new DoubleDouble(2 * s.High, 2 * s.Low) + (s * s);
        }

        DoubleDouble power = new DoubleDouble(1, 0) + s;
        return new(ScalarFunctions.Scale(power.High, k), ScalarFunctions.Scale(power.Low, k));
    }

    private static DoubleDouble Normalise(double high, double low)
    {
        double sum = high + low;
        return new(sum, low - (sum - high));
    }
}
