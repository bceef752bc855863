using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): reproducible, and fast enough for a thousand million numbers.</summary>
internal sealed class RandomBits(ulong seed)
{
    private ulong _state = seed * 0xD1342543DE82EF95;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to count - 1.</summary>
    public int Next(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <summary>From 0 to 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Of either sign, of every size from 2^min up to 2^(max + 1) alike.</summary>
    public double NextLogUniform(int min, int max)
    {
        double size = Math.ScaleB(1 + NextDouble(), min + Next(max - min + 1));
        return (Next() & 1) == 0 ? size : -size;
    }

    /// <summary>Of every size that the format has, subnormal ones included.</summary>
    public double NextLogUniform(Format format) => NextLogUniform(format.MinExponent - format.Precision + 1, format.MaxExponent);
}
