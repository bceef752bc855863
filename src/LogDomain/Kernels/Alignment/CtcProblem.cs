namespace LogDomain.Kernels.Alignment;

/// <summary>One sequence: its frames of numbers by class, and its target.</summary>
internal unsafe struct CtcProblem<T>
    where T : unmanaged
{
    /// <summary>Frames by classes.</summary>
    public T* Input;

    public int Frames;

    public int Classes;

    public int Blank;

    public int* Target;

    public int TargetLength;

    /// <summary>Whether the input is to be normalised by a softmax; it is logarithms of probabilities otherwise.</summary>
    public bool IsLogits;

    /// <summary>Frames by classes, or null; apart from the input.</summary>
    public T* Gradient;

    /// <summary>What the gradient is multiplied by.</summary>
    public double Weight;

    /// <summary>Whether an infinite loss is 0 instead.</summary>
    public bool ZeroInfinity;
}
