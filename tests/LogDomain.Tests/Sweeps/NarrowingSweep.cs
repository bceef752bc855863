using LogDomain.Kernels;

namespace LogDomain.Tests.Sweeps;

/// <summary>The conversions between float and the 16-bit types: to the nearest, ties to even, and back; y is what x became.</summary>
internal static unsafe class NarrowingSweep
{
    /// <summary>All floats to 16 bits. Right is 0 ulps.</summary>
    public static Worst[] Narrow<T>(uint stride)
        where T : unmanaged =>
        SingleInputs.Sweep(stride, () => [new($"Narrowing<{typeof(T).Name}>.Narrow", 0)], _ => true, (x, worst) =>
        {
            T* narrow = stackalloc T[SingleInputs.ChunkLength];
            worst[0].Count(x.Length);
            fixed (float* source = x)
                Narrowing<T>.Narrow(source, narrow, x.Length);

            for (int i = 0; i < x.Length; i++)
            {
                double ulps = IsSame(Number(narrow[i]), Rounded<T>(x[i])) && IsSame(Number(narrow[i]), Cast<T>(x[i])) ? 0 : double.PositiveInfinity;
                if (worst[0].IsLarger(ulps))
                    worst[0].Set(ulps, x[i], Number(narrow[i]));
            }
        });

    /// <summary>All 65,536 numbers of 16 bits to float.</summary>
    public static Worst[] Widen<T>(uint stride)
        where T : unmanaged
    {
        Worst worst = new($"Narrowing<{typeof(T).Name}>.Widen", 0);
        const int Count = 1 << 16;
        ushort[] bits = [.. Enumerable.Range(0, Count).Select(i => (ushort)i)];
        float[] wide = new float[Count];
        fixed (ushort* source = bits)
        fixed (float* target = wide)
            Narrowing<T>.Widen((T*)source, target, Count);

        worst.Count(Count);
        for (int i = 0; i < Count; i++)
        {
            double exact = Decoded<T>(bits[i]);
            double ulps = IsSame(wide[i], exact) ? 0 : double.PositiveInfinity;
            if (worst.IsLarger(ulps))
                worst.Set(ulps, i, wide[i]);
        }

        return [worst];
    }

    private static int Precision<T>() => typeof(T) == typeof(Half) ? 11 : 8;

    private static int LargestExponent<T>() => typeof(T) == typeof(Half) ? 15 : 127;

    private static double Number<T>(T x) => x is Half half ? (double)half : (double)(float)(BFloat16)(object)x!;

    private static double Cast<T>(float x) => typeof(T) == typeof(Half) ? (double)(Half)x : (double)(float)(BFloat16)x;

    /// <summary>The same number with the same sign, or NaN of any kind.</summary>
    private static bool IsSame(double a, double b) => double.IsNaN(a) ? double.IsNaN(b) : a == b && double.IsNegative(a) == double.IsNegative(b);

    /// <summary>From the definition of the formats: a multiple of the spacing, infinity beyond the largest number and half a spacing.</summary>
    private static double Rounded<T>(float x)
    {
        if (!float.IsFinite(x) || x == 0)
            return x;

        int exponent = Math.Max(Math.ILogB(x), 1 - LargestExponent<T>());
        double ulp = Math.ScaleB(1, exponent - (Precision<T>() - 1));
        double rounded = Math.Round(x / ulp, MidpointRounding.ToEven) * ulp;
        return Math.Abs(rounded) >= Math.ScaleB(2, LargestExponent<T>()) ? Math.CopySign(double.PositiveInfinity, x) : rounded;
    }

    private static double Decoded<T>(int bits)
    {
        int fractionBits = Precision<T>() - 1, exponent = (bits & 0x7FFF) >> fractionBits, fraction = bits & ((1 << fractionBits) - 1);
        double sign = bits < 0x8000 ? 1 : -1;
        int special = (2 * LargestExponent<T>()) + 1;
        return exponent == special ? fraction == 0 ? sign * double.PositiveInfinity : double.NaN
            : exponent == 0 ? sign * Math.ScaleB(fraction, 1 - LargestExponent<T>() - fractionBits)
            : sign * Math.ScaleB(fraction + (1 << fractionBits), exponent - LargestExponent<T>() - fractionBits);
    }
}
