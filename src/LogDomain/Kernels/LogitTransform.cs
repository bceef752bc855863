using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary><c>z = softcap tanh(x / softcap) / temperature</c>; a softcap of infinity leaves x as it is.</summary>
internal readonly unsafe struct LogitTransform(double softcap, double temperature)
{
    /// <summary>e^700 and the products with it are still finite; 1 - tanh 350 is 1e-304, and nobody's gradient.</summary>
    private const double Saturated = 700;

    /// <summary>Elements that are bent at once, in a stack that the first-level cache holds.</summary>
    private const int Chunk = 512;

    private const int Lanes = 8;

    /// <summary>Below 2^-20 and above 2^20 the reciprocal of a temperature could take products out of float's range.</summary>
    private const double Extreme = 1 << 20;

    /// <summary>Pairs of a softcap are right to 2^-45 of the cap over the temperature, which up to here is 2^-32: a 256th of an ulp of the exponential.</summary>
    private const double LargestCap = 1 << 13;

    public double Softcap => softcap;

    public double Temperature => temperature;

    public bool IsIdentity => IsLinear && temperature == 1;

    /// <summary>Whether rows of float can be <see cref="LogitPairs"/>.</summary>
    public bool HasPairs => IsModerate && softcap / temperature <= LargestCap;

    /// <summary>Whether there are constants of it for rows of float.</summary>
    public bool IsTempered => IsModerate && IsLinear;

    private bool IsModerate => temperature is >= 1 / Extreme and <= Extreme;

    /// <summary>Whether dz/dx is 1 / temperature everywhere.</summary>
    public bool IsLinear => double.IsPositiveInfinity(softcap);

    /// <summary>Replaces each x by z, and writes dz/dx unless that is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(double* x, double* slopes, nint count)
    {
        if (IsLinear)
        {
            // A division rounds once and has no other result on another machine.
            TensorPrimitives.Divide(new ReadOnlySpan<double>(x, (int)count), temperature, new Span<double>(x, (int)count));
            return;
        }

        double* room = stackalloc double[Chunk], slope = stackalloc double[Chunk];
        for (nint start = 0; start < count; start += Chunk)
        {
            int length = (int)nint.Min(Chunk, count - start);
            new Span<double>(room, Chunk).Clear();
            new ReadOnlySpan<double>(x + start, length).CopyTo(new(room, Chunk));
            Bend(room, slope, (length + Lanes - 1) / Lanes * Lanes);
            new ReadOnlySpan<double>(room, length).CopyTo(new(x + start, length));
            if (slopes != null)
            {
                new ReadOnlySpan<double>(slope, length).CopyTo(new(slopes + start, length));
            }
        }
    }

    /// <summary>
    /// With <c>e = expm1(2 |x| / softcap)</c>, <c>tanh = e / (e + 2)</c> and <c>1 - tanh^2 = 4 (e + 1) / (e + 2)^2</c>, in which nothing cancels.
    /// Lanes are elements, and the operations those of one number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bend(double* x, double* slopes, int count)
    {
        double* e = stackalloc double[Chunk];
        Vector512<double> one = Vector512.Create(1.0), two = Vector512.Create(2.0), four = Vector512.Create(4.0);
        Vector512<double> cap = Vector512.Create(softcap), divisor = Vector512.Create(temperature), saturated = Vector512.Create(Saturated);
        for (int i = 0; i < count; i += Lanes)
        {
            // In this order a NaN stays.
            Vector512<double> u = two * Vector512.Abs(Vector512.Load(x + i) / cap);
            Vector512.ConditionalSelect(Vector512.GreaterThan(u, saturated), saturated, u).Store(e + i);
        }

        Elements.Of<ExpM1, double>(e, e, count);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector512<double> exp = Vector512.Load(e + i), sum = exp + two;
            Vector512.CopySign(exp / sum * cap / divisor, Vector512.Load(x + i)).Store(x + i);
            (four * ((exp + one) / sum) / sum / divisor).Store(slopes + i);
        }
    }
}
