using LogDomain.Kernels;

namespace LogDomain;

/// <remarks>
/// Elementary functions, in double and rounded from there: a float would be wrong where it happens to round onto a halfway point, and its last bits
/// depend on the C library. 2^x - 1, log2(1 + x) and their like keep their digits near 0, which .NET's lose.
/// </remarks>
public readonly partial struct BFloat16
{
    /// <inheritdoc/>
    public static BFloat16 Sqrt(BFloat16 x) => (BFloat16)MathF.Sqrt((float)x);

    /// <inheritdoc/>
    public static BFloat16 Cbrt(BFloat16 x) => (BFloat16)Math.Cbrt((double)x);

    /// <inheritdoc/>
    public static BFloat16 RootN(BFloat16 x, int n) => (BFloat16)double.RootN((double)x, n);

    /// <inheritdoc/>
    public static BFloat16 Hypot(BFloat16 x, BFloat16 y) => (BFloat16)double.Hypot((double)x, (double)y);

    /// <inheritdoc/>
    public static BFloat16 Pow(BFloat16 x, BFloat16 y) => (BFloat16)Math.Pow((double)x, (double)y);

    /// <inheritdoc/>
    public static BFloat16 Exp(BFloat16 x) => (BFloat16)Math.Exp((double)x);

    /// <inheritdoc/>
    public static BFloat16 Exp2(BFloat16 x) => (BFloat16)double.Exp2((double)x);

    /// <inheritdoc/>
    public static BFloat16 Exp10(BFloat16 x) => (BFloat16)double.Exp10((double)x);

    /// <summary>Computes <c>e^x - 1</c> without cancellation.</summary>
    public static BFloat16 ExpM1(BFloat16 x) => (BFloat16)ScalarFunctions.ExpM1((double)x);

    /// <summary>Computes <c>2^x - 1</c> without cancellation.</summary>
    public static BFloat16 Exp2M1(BFloat16 x) => (BFloat16)PowerM1(2, (double)x);

    /// <summary>Computes <c>10^x - 1</c> without cancellation.</summary>
    public static BFloat16 Exp10M1(BFloat16 x) => (BFloat16)PowerM1(10, (double)x);

    /// <inheritdoc/>
    public static BFloat16 Log(BFloat16 x) => (BFloat16)Math.Log((double)x);

    /// <inheritdoc/>
    public static BFloat16 Log(BFloat16 x, BFloat16 newBase) => (BFloat16)Math.Log((double)x, (double)newBase);

    /// <inheritdoc/>
    public static BFloat16 Log2(BFloat16 value) => (BFloat16)Math.Log2((double)value);

    /// <inheritdoc/>
    public static BFloat16 Log10(BFloat16 x) => (BFloat16)Math.Log10((double)x);

    /// <summary>Computes <c>log(1 + x)</c> without losing x against the 1.</summary>
    public static BFloat16 LogP1(BFloat16 x) => (BFloat16)ScalarFunctions.Log1P((double)x);

    /// <summary>Computes <c>log2(1 + x)</c> without losing x against the 1.</summary>
    public static BFloat16 Log2P1(BFloat16 x) => (BFloat16)(ScalarFunctions.Log1P((double)x) / Math.Log(2));

    /// <summary>Computes <c>log10(1 + x)</c> without losing x against the 1.</summary>
    public static BFloat16 Log10P1(BFloat16 x) => (BFloat16)(ScalarFunctions.Log1P((double)x) / Math.Log(10));

    /// <inheritdoc/>
    public static BFloat16 Sin(BFloat16 x) => (BFloat16)Math.Sin((double)x);

    /// <inheritdoc/>
    public static BFloat16 Cos(BFloat16 x) => (BFloat16)Math.Cos((double)x);

    /// <inheritdoc/>
    public static BFloat16 Tan(BFloat16 x) => (BFloat16)Math.Tan((double)x);

    /// <inheritdoc/>
    public static BFloat16 Asin(BFloat16 x) => (BFloat16)Math.Asin((double)x);

    /// <inheritdoc/>
    public static BFloat16 Acos(BFloat16 x) => (BFloat16)Math.Acos((double)x);

    /// <inheritdoc/>
    public static BFloat16 Atan(BFloat16 x) => (BFloat16)Math.Atan((double)x);

    /// <inheritdoc/>
    public static BFloat16 Sinh(BFloat16 x) => (BFloat16)Math.Sinh((double)x);

    /// <inheritdoc/>
    public static BFloat16 Cosh(BFloat16 x) => (BFloat16)Math.Cosh((double)x);

    /// <inheritdoc/>
    public static BFloat16 Tanh(BFloat16 x) => (BFloat16)Math.Tanh((double)x);

    /// <inheritdoc/>
    public static BFloat16 Asinh(BFloat16 x) => (BFloat16)Math.Asinh((double)x);

    /// <inheritdoc/>
    public static BFloat16 Acosh(BFloat16 x) => (BFloat16)Math.Acosh((double)x);

    /// <inheritdoc/>
    public static BFloat16 Atanh(BFloat16 x) => (BFloat16)Math.Atanh((double)x);

    /// <inheritdoc/>
    public static BFloat16 SinPi(BFloat16 x) => (BFloat16)double.SinPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 CosPi(BFloat16 x) => (BFloat16)double.CosPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 TanPi(BFloat16 x) => (BFloat16)double.TanPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 AsinPi(BFloat16 x) => (BFloat16)double.AsinPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 AcosPi(BFloat16 x) => (BFloat16)double.AcosPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 AtanPi(BFloat16 x) => (BFloat16)double.AtanPi((double)x);

    /// <inheritdoc/>
    public static BFloat16 Atan2(BFloat16 y, BFloat16 x) => (BFloat16)Math.Atan2((double)y, (double)x);

    /// <inheritdoc/>
    public static BFloat16 Atan2Pi(BFloat16 y, BFloat16 x) => (BFloat16)double.Atan2Pi((double)y, (double)x);

    /// <inheritdoc/>
    public static BFloat16 DegreesToRadians(BFloat16 degrees) => (BFloat16)double.DegreesToRadians((double)degrees);

    /// <inheritdoc/>
    public static BFloat16 RadiansToDegrees(BFloat16 radians) => (BFloat16)double.RadiansToDegrees((double)radians);

    /// <inheritdoc/>
    public static (BFloat16 Sin, BFloat16 Cos) SinCos(BFloat16 x) => (Sin(x), Cos(x));

    /// <inheritdoc/>
    public static (BFloat16 SinPi, BFloat16 CosPi) SinCosPi(BFloat16 x) => (SinPi(x), CosPi(x));

    // From 1/2 on the subtraction costs a bit or two. It must be the one used there: 2^9 - 1 and 2^-9 - 1 are halfway points and have to come out exactly.
    private static double PowerM1(double b, double x) => Math.Abs(x) < 0.5 ? ScalarFunctions.ExpM1(x * Math.Log(b)) : Math.Pow(b, x) - 1;
}
