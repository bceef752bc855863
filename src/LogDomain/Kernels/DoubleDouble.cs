using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>A number as the sum of two doubles, about 106 bits: for the rare result that double cannot decide.</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    /// <summary>ln 2 to 2^-107.</summary>
    public static DoubleDouble Ln2 => new(0.6931471805599453, 2.3190468138462996e-17);

    /// <summary>ln 2 less <see cref="Ln2"/>.</summary>
    public const double Ln2Lowest = 5.707708438416212e-34;

    /// <summary>The number rounded to a double.</summary>
    public double Value => High + Low;

    /// <summary>
    /// The number rounded once to any type: by way of a double it would be rounded twice, and wrongly where that lies between two numbers of the type. So the double is
    /// rounded to odd, which no such middle is (Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums").
    /// </summary>
    public T RoundTo<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double nearest = High + Low, rest = Low - (nearest - High);
        bool isEven = (BitConverter.DoubleToInt64Bits(nearest) & 1) == 0;
        if (typeof(T) != typeof(double) && double.IsFinite(nearest) && isEven && rest != 0)
        {
            nearest = rest > 0 ? double.BitIncrement(nearest) : double.BitDecrement(nearest);
        }

        return T.CreateTruncating(nearest);
    }

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        (double sum, double error) = LogSumState.TwoSum(a.High, b.High);
        return Normalise(sum, error + (a.Low + b.Low));
    }

    public static DoubleDouble operator -(DoubleDouble a) => new(-a.High, -a.Low);

    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + -b;

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double first = a.High / b.High;
        DoubleDouble rest = a - (b * new DoubleDouble(first, 0));
        double second = rest.High / b.High;
        rest -= b * new DoubleDouble(second, 0);
        return Normalise(first, second) + new DoubleDouble(rest.High / b.High, 0);
    }

    public static implicit operator DoubleDouble(double value) => new(value, 0);

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        double product = a.High * b.High;
        double error = Math.FusedMultiplyAdd(a.High, b.High, -product);
        return Normalise(product, error + ((a.High * b.Low) + (a.Low * b.High)));
    }

    /// <summary>e^x to about 2^-95, for |x| below 700.</summary>
    public static DoubleDouble Exp(DoubleDouble x)
    {
        DoubleDouble power = 1 + ExpM1OfRest(x, out double k);
        return new(ScalarFunctions.Scale(power.High, k), ScalarFunctions.Scale(power.Low, k));
    }

    /// <summary>e^x - 1 to about 2^-95 of itself, for |x| below 700.</summary>
    public static DoubleDouble ExpM1(DoubleDouble x)
    {
        DoubleDouble s = ExpM1OfRest(x, out double k);
        double power = ScalarFunctions.Scale(1, k);
        return k == 0 ? s : ((DoubleDouble)power - 1) + (power * s);
    }

    /// <summary>e^x as a number from 0.7 to 1.5 and a power of two, for any |x| below 1e15.</summary>
    public static DoubleDouble Exp(DoubleDouble x, out double k) => 1 + ExpM1OfRest(x, out k);

    /// <summary>log(x) of a positive x to about 2^-95 of itself.</summary>
    public static DoubleDouble Log(DoubleDouble x)
    {
        // Subnormal numbers have no exponent in their bits.
        int k = Math.ILogB(x.High);
        if (Math.ScaleB(x.High, -k) > 1.4142135623730951)
        {
            k++;
        }

        DoubleDouble m = new(Math.ScaleB(x.High, -k), Math.ScaleB(x.Low, -k));
        return (k * Ln2) + LogNearOne(m - 1);
    }

    /// <summary>log(1 + t) of a t above -1 to about 2^-95 of itself.</summary>
    public static DoubleDouble Log1P(DoubleDouble t) => t.High is > -0.29 and < 0.41 ? LogNearOne(t) : Log(1 + t);

    /// <summary>2 atanh(f / (2 + f)), 1 + f being from sqrt(1/2) to sqrt(2): terms until they no longer count.</summary>
    private static DoubleDouble LogNearOne(DoubleDouble f)
    {
        DoubleDouble s = f / (2 + f), square = s * s, power = 2 * s, sum = power;
        for (int n = 3; n < 50; n += 2)
        {
            power *= square;
            sum += power / n;
            if (!(Math.Abs(power.High) > 1e-33 * Math.Abs(sum.High)))
            {
                break;
            }
        }

        return sum;
    }

    /// <summary>
    /// x = k ln2 + r, <c>s = e^(r / 512) - 1</c> by Taylor to the eighth power ((ln2 / 1024)^9 / 9! = 1e-34), then nine times <c>s = 2s + s^2</c>, which loses nothing while s is
    /// small. Returns e^r - 1.
    /// </summary>
    private static DoubleDouble ExpM1OfRest(DoubleDouble x, out double k)
    {
        k = Math.Round(x.High * 1.4426950408889634);
        double high = k * Ln2.High, low = k * Ln2.Low;
        DoubleDouble r = x
            + new DoubleDouble(-high, -Math.FusedMultiplyAdd(k, Ln2.High, -high))
            + new DoubleDouble(-low, -Math.FusedMultiplyAdd(k, Ln2.Low, -low))
            + new DoubleDouble(-k * Ln2Lowest, 0);
        DoubleDouble t = new(r.High / 512, r.Low / 512);
        DoubleDouble s = 1.0 / 8;
        s = 1 + (t * s);
        for (int n = 7; n >= 2; n--)
        {
            double reciprocal = 1.0 / n;
            s = 1 + (t * s * new DoubleDouble(reciprocal, Math.FusedMultiplyAdd(-reciprocal, n, 1) / n));
        }

        s = t * s;
        for (int i = 0; i < 9; i++)
        {
            s = new DoubleDouble(2 * s.High, 2 * s.Low) + (s * s);
        }

        return s;
    }

    private static DoubleDouble Normalise(double high, double low)
    {
        double sum = high + low;
        return new(sum, low - (sum - high));
    }
}
