namespace LogDomain.Kernels.Attention;

/// <summary>Elements as floats and back: copied, widened exactly, or rounded to nearest.</summary>
internal static unsafe class Floats
{
    public static void Read<T>(T* source, float* target, int count)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
        }
        else
        {
            Narrowing<T>.Widen(source, target, count);
        }
    }

    public static void Write<T>(float* source, T* target, int count)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
        }
        else
        {
            Narrowing<T>.Narrow(source, target, count);
        }
    }
}
