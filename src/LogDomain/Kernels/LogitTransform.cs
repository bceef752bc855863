using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary><c>z = softcap tanh(x / softcap) / temperature</c>; a softcap of infinity leaves x as it is.</summary>
internal readonly unsafe struct LogitTransform(double softcap, double temperature)
{
    /// <summary>e^700, doubled, is still finite; 1 - tanh 350 is 1e-304, and nobody's gradient.</summary>
    private const double Saturated = 700;

    public bool IsIdentity => double.IsPositiveInfinity(softcap) && temperature == 1;

    /// <summary>Replaces each x by z, and writes dz/dx unless that is null.</summary>
    /// <remarks>
    /// With <c>e = expm1(2 |x| / softcap)</c>, <c>tanh = e / (e + 2)</c> and <c>1 - tanh^2 = 4 (e + 1) / (e + 2)^2</c>, in which nothing cancels. Lanes are
    /// elements, and the operations those of one number.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(double* x, double* slope, nint count)
    {
        double inverse = 1 / temperature;
        if (double.IsPositiveInfinity(softcap))
        {
            for (nint i = 0; i < count; i++)
            {
                x[i] /= temperature;
                if (slope != null)
                {
                    slope[i] = inverse;
                }
            }

            return;
        }

        const int Chunk = 512;
        double* e = stackalloc double[Chunk];
        for (nint start = 0; start < count; start += Chunk)
        {
            nint length = nint.Min(Chunk, count - start);
            for (nint i = 0; i < length; i++)
            {
                e[i] = Math.Min(Saturated, 2 * Math.Abs(x[start + i] / softcap));
            }

            new Span<double>(e + length, (int)(Chunk - length)).Clear();
            Elements.Of<ExpM1, double>(e, e, length);
            Finish(x + start, slope == null ? null : slope + start, e, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(double* x, double* slope, double* e, nint length)
    {
        double* room = stackalloc double[8];
        for (nint i = 0; i < length; i += 8)
        {
            int count = (int)nint.Min(8, length - i);
            Vector512<double> exp = Vector512.Load(e + i), ratio = exp / (exp + Vector512.Create(2.0));
            Vector512<double> z = ratio * Vector512.Create(softcap) / Vector512.Create(temperature);
            new ReadOnlySpan<double>(x + i, count).CopyTo(new(room, 8));
            z = Vector512.CopySign(z, Vector512.Load(room));
            z.Store(room);
            new ReadOnlySpan<double>(room, count).CopyTo(new(x + i, count));
            if (slope != null)
            {
                Vector512<double> one = Vector512.Create(1.0), two = Vector512.Create(2.0);
                (Vector512.Create(4.0) * ((exp + one) / (exp + two)) / (exp + two) / Vector512.Create(temperature)).Store(room);
                new ReadOnlySpan<double>(room, count).CopyTo(new(slope + i, count));
            }
        }
    }
}
